import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { createClient } from "@redis/client";
import { declined, fails, type PaymentsAnswer, paid, paymentsInTurn } from "./fake-payments";
import { inTurn, json } from "./fake-service";
import { RedisServer, withoutRedis } from "./redis-server";
import { get, item, known, neighbours, post, replica } from "./shop";

const order = { items: [item] };

describe("Idempotency-Key", { skip: withoutRedis }, () => {
  let server: RedisServer;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.stop());

  async function twoReplicas(t: TestContext, paymentsAnswer: PaymentsAnswer, users = known) {
    const faked = await neighbours(t, users, paymentsAnswer);
    const [first, second] = [await replica(t, server, faked), await replica(t, server, faked)];
    return { ...faked, first: first.app, second: second.app, lines: first.lines };
  }

  test("the same key and body are the same order from any replica, paid once, its user checked once", async (t) => {
    const { first, second, users, payments } = await twoReplicas(t, paid);
    const answer = await post(first, order, { key: "same" });
    assert.equal(answer.statusCode, 201);
    for (const app of [first, second]) {
      const again = await post(app, { items: [{ ...item, sku: " tea " }], more: 1 }, { key: "same" });
      assert.equal(again.statusCode, 201);
      assert.equal(again.body, answer.body);
      assert.equal(again.headers.location, answer.headers.location);
    }
    assert.equal(payments.asked.length, 1);
    assert.equal(users.received.length, 1);
  });

  test("a declined order stays declined, and is not asked for again", async (t) => {
    const { first, second, payments } = await twoReplicas(t, paymentsInTurn(declined, paid));
    assert.equal((await post(first, order, { key: "declined" })).json().status, "declined");
    assert.equal((await post(second, order, { key: "declined" })).json().status, "declined");
    assert.equal(payments.asked.length, 1);
  });

  test("without a key, or with another one, the same body is another order", async (t) => {
    const { first, payments } = await twoReplicas(t, paid);
    const ids = new Set<string>();
    for (const key of [undefined, undefined, "one", "two"])
      ids.add((await post(first, order, { key })).json().id);
    assert.equal(ids.size, 4);
    assert.deepEqual(payments.keys, ids);
  });

  test("the same key with another body is refused", async (t) => {
    const { first, second, payments } = await twoReplicas(t, paid);
    await post(first, order, { key: "taken" });
    const refusal = {
      error: "idempotency_key_reused",
      message: "Idempotency-Key was used before for another order. Write a new one.",
      field: "Idempotency-Key",
      requestId: "test-1",
    };
    for (const other of [
      { ...order, items: [{ ...item, quantity: 4 }] },
      { ...order, items: [item, item] },
    ]) {
      const answer = await post(second, other, { key: "taken" });
      assert.equal(answer.statusCode, 422);
      assert.deepEqual(answer.json(), refusal);
    }
    assert.equal(payments.asked.length, 1);
  });

  test("the same key of another user is another order", async (t) => {
    const { first, second, payments } = await twoReplicas(t, paid);
    const adas = (await post(first, order, { key: "shared" })).json().id;
    const bobs = (await post(second, order, { key: "shared", user: "bob" })).json().id;
    assert.notEqual(bobs, adas);
    assert.deepEqual(payments.keys, new Set([adas, bobs]));
    assert.equal((await post(first, order, { key: "shared", user: "bob" })).json().id, bobs);
    assert.equal((await get(first, `/orders/${bobs}`, "bob")).json().userId, "bob");
  });

  test("of twenty at the same time on two replicas all get one order, paid under one key", async (t) => {
    const { first, second, payments } = await twoReplicas(t, paid);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => post(index % 2 ? first : second, order, { key: "race" })),
    );
    assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]));
    const ids = new Set(answers.map((answer) => answer.json().id));
    assert.equal(ids.size, 1);
    assert.deepEqual(payments.keys, ids);
    assert.deepEqual(new Set(answers.map((answer) => answer.json().status)), new Set(["paid"]));
  });

  test("one whose payment is under way elsewhere is joined, not refused and not paid twice", async (t) => {
    let answerFirst = () => {};
    const { first, second, payments } = await twoReplicas(
      t,
      paymentsInTurn((reply, request) => {
        answerFirst = () => paid(reply, request);
      }, paid),
    );
    const slow = post(first, order, { key: "under-way" });
    while (payments.asked.length === 0) await new Promise(setImmediate);
    const joined = await post(second, order, { key: "under-way" });
    answerFirst();
    assert.equal(joined.json().status, "paid");
    assert.equal((await slow).body, joined.body);
    assert.equal(payments.keys.size, 1);
  });

  test("a pending order is settled by whoever asks for it again", async (t) => {
    const away = fails(status.INTERNAL);
    const { first, second, payments } = await twoReplicas(t, paymentsInTurn(away, paid));
    const pending = (await post(first, order, { key: "pending" })).json();
    assert.equal(pending.status, "payment_pending");
    assert.deepEqual((await post(second, order, { key: "pending" })).json(), { ...pending, status: "paid" });
    assert.equal((await get(first, `/orders/${pending.id}`)).json().status, "paid");
    assert.deepEqual(payments.keys, new Set([pending.id]));
  });

  test("a request that was refused leaves its key free", async (t) => {
    const users = inTurn(json(404, {}), json(500, {}), known);
    const { first } = await twoReplicas(t, paid, users);
    assert.equal((await post(first, order, { key: "free" })).statusCode, 401);
    assert.equal((await post(first, order, { key: "free" })).statusCode, 503);
    assert.equal((await post(first, order, { key: "free" })).statusCode, 201);
  });

  test("a key is kept for 24 hours", async (t) => {
    const { first } = await twoReplicas(t, paid);
    await post(first, order, { key: "kept" });
    const redis = await createClient({ url: server.url, password: server.password }).connect();
    t.after(() => redis.destroy());
    const seconds = await redis.ttl("orders:key:ada:kept");
    assert.ok(seconds > 86_390 && seconds <= 86_400, `${seconds} s`);
  });

  test("a key that cannot be one is refused", async (t) => {
    const { first, payments } = await twoReplicas(t, paid);
    for (const key of ["", "two words", "x".repeat(129), "a,b"]) {
      const answer = await post(first, order, { key });
      assert.equal(answer.statusCode, 400);
      assert.deepEqual(answer.json(), {
        error: "invalid_request",
        message: 'Idempotency-Key must be 1 to 128 letters, digits, ".", "_", ":" or "-"',
        field: "Idempotency-Key",
        requestId: "test-1",
      });
    }
    assert.equal(payments.asked.length, 0);
  });
});
