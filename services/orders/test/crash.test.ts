/**
 * Replicas killed at each step of an order. Within one process a killed replica is one that never comes to its next line:
 * what it had done is in Redis and at payments, and others go on from there.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, type TestContext, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { createClient } from "@redis/client";
import type { FastifyInstance } from "fastify";
import type { OrderStore } from "../src/order-store";
import { fails, type PaymentsAnswer, paid, paymentsInTurn } from "./fake-payments";
import { RedisServer, withoutRedis } from "./redis-server";
import { until } from "./running-service";
import { get, item, known, neighbours, post, replica } from "./shop";

const order = { items: [item] };
const leaseMs = 300;

type Step = "create" | "settle" | "takeLeftBehind";

/** The death of a replica at one step of its store, before or after that was done. */
class Death {
  came = false;

  constructor(
    private readonly step: Step,
    private readonly when: "before" | "after",
  ) {}

  readonly awaits = (store: OrderStore): void => {
    const step = store[this.step].bind(store) as (...args: unknown[]) => Promise<unknown>;
    const dying = async (...args: unknown[]) => {
      const result = this.when === "after" ? await step(...args) : [];
      // A recovery that finds nothing lives on.
      if (this.step === "takeLeftBehind" && (result as unknown[]).length === 0) return [];
      this.came = true;
      return new Promise<never>(() => undefined);
    };
    Object.assign(store, { [this.step]: dying });
  };
}

describe("killed", { skip: withoutRedis }, () => {
  let server: RedisServer;
  let keys = 0;

  beforeEach(async () => {
    server = await RedisServer.start();
  });
  afterEach(() => server.stop());

  /** A client's request to a replica that is killed while it handles it. */
  async function killedReplica(t: TestContext, death: Death, answer: PaymentsAnswer = paid) {
    const faked = await neighbours(t, known, answer);
    const key = `crash-${++keys}`;
    const dying = await replica(t, server, faked, { leaseMs, kill: death.awaits });
    void post(dying.app, order, { key });
    await until(() => death.came);
    return { ...faked, faked, key };
  }

  async function statusOf(app: FastifyInstance, id: string): Promise<string> {
    return (await get(app, `/orders/${id}`)).json().status;
  }

  test("before the order is kept: nothing is left of it, and the client's next try makes it", async (t) => {
    const { faked, payments, users, key } = await killedReplica(t, new Death("create", "before"));
    const other = await replica(t, server, faked, { leaseMs });
    const { id, status } = (await post(other.app, order, { key })).json();
    assert.equal(status, "paid");
    assert.deepEqual(
      payments.asked.map(({ orderId }) => orderId),
      [id],
    );
    assert.equal(users.received.length, 2);
  });

  const points: [name: string, death: () => Death, timesAsked: number][] = [
    ["after the order is kept, before payments is asked", () => new Death("create", "after"), 1],
    ["after the payment, before its status is kept", () => new Death("settle", "before"), 2],
    ["after the status is kept, before the answer", () => new Death("settle", "after"), 1],
  ];
  for (const [name, death, timesAsked] of points) {
    test(`${name}: the client's next try is answered with the order, paid once`, async (t) => {
      const { faked, payments, users, key } = await killedReplica(t, death());
      const other = await replica(t, server, faked, { leaseMs });
      const { id, status } = (await post(other.app, order, { key })).json();
      assert.equal(status, "paid");
      assert.deepEqual(
        payments.asked.map(({ idempotencyKey }) => idempotencyKey),
        Array(timesAsked).fill(id),
      );
      assert.equal(users.received.length, 1);
    });

    test(`${name}: with no client left, another replica settles it, paid once`, async (t) => {
      const { faked, payments, key } = await killedReplica(t, death());
      const other = await replica(t, server, faked, { leaseMs });
      other.recovery.start();
      await until(() => payments.asked.length === timesAsked);
      const id = payments.asked[0]!.orderId;
      await until(async () => (await statusOf(other.app, id)) === "paid");
      assert.deepEqual((await post(other.app, order, { key })).json(), { id, status: "paid", total: 59.97 });
      assert.deepEqual(payments.keys, new Set([id]));
      assert.equal(payments.asked.length, timesAsked);
    });
  }

  for (const [name, death, timesAsked] of [
    ["once it took an order that was left behind", new Death("takeLeftBehind", "after"), 2],
    ["once it had that order paid", new Death("settle", "before"), 3],
  ] as const) {
    test(`a recovery, ${name}: the next one settles it, paid once`, async (t) => {
      const answer = paymentsInTurn(fails(status.INTERNAL), paid);
      const faked = await neighbours(t, known, answer);
      const first = await replica(t, server, faked, { leaseMs });
      const { id } = (await post(first.app, order)).json();

      const dying = await replica(t, server, faked, { leaseMs, kill: death.awaits });
      dying.recovery.start();
      await until(() => death.came);
      assert.equal(await statusOf(first.app, id), "payment_pending");

      first.recovery.start();
      await until(async () => (await statusOf(first.app, id)) === "paid");
      assert.deepEqual(faked.payments.keys, new Set([id]));
      assert.equal(faked.payments.asked.length, timesAsked);
    });
  }

  test("what is left behind is taken up by one of many replicas, not before its lease has passed", async (t) => {
    const faked = await neighbours(t, known, paymentsInTurn(...Array(12).fill(fails(status.INTERNAL)), paid));
    const longLease = { leaseMs: 2_000 };
    const replicas = [1, 2, 3].map(() => replica(t, server, faked, longLease));
    const [first, ...others] = await Promise.all(replicas);
    const startedAt = performance.now();
    const orders = await Promise.all(Array.from({ length: 12 }, () => post(first!.app, order)));
    for (const { recovery } of [first!, ...others]) recovery.start();
    await until(() => faked.payments.asked.length > 12);
    assert.ok(performance.now() - startedAt >= 2_000);
    for (const made of orders) {
      assert.equal(made.json().status, "payment_pending");
      await until(async () => (await statusOf(first!.app, made.json().id)) === "paid");
    }
    const redis = await createClient({ url: server.url, password: server.password }).connect();
    const pending = await redis.zCard("orders:pending");
    // Before the server ends, as it would hear of that with nobody listening.
    redis.destroy();
    assert.equal(pending, 0);
    assert.equal(faked.payments.asked.length, 24);
    assert.equal(faked.payments.keys.size, 12);
  });
});
