import type { RequestListener } from "node:http";
import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { CallTiming } from "../src/calls";
import { OrderStore } from "../src/order-store";
import { registerOrders } from "../src/orders";
import { PaymentsClient } from "../src/payments-client";
import { Recovery } from "../src/recovery";
import { RedisConnection } from "../src/redis";
import { createServer } from "../src/server";
import { ServiceClient } from "../src/service-client";
import { Settlement } from "../src/settlement";
import { UsersClient } from "../src/users-client";
import { FakePayments, type PaymentsAnswer } from "./fake-payments";
import { FakeService, json } from "./fake-service";
import type { RedisServer } from "./redis-server";
import { until } from "./running-service";

/** Long, so that a slow machine does not make tries of its own; tests of neighbours that never answer set a shorter one. */
const timing: CallTiming = { tryTimeoutMs: 3_000, maxTries: 3, firstPauseMs: 5, longestPauseMs: 20 };
const callBudgetMs = 5_000;

export const item = { sku: "tea", quantity: 3, unitPrice: 19.99 };
export const known = json(200, { id: "ada", name: "Ada", email: "ada@example.com" });

/** Faked neighbours of the service, gone when the test ends. */
export async function neighbours(
  t: TestContext,
  usersAnswer: RequestListener,
  paymentsAnswer: PaymentsAnswer,
) {
  const users = await FakeService.start(usersAnswer);
  const payments = await FakePayments.start(paymentsAnswer);
  t.after(async () => {
    payments.stop();
    await users.stop();
  });
  return { users, payments };
}

export interface ReplicaOptions {
  leaseMs?: number;
  tryTimeoutMs?: number;
  /** Readies the replica's store for its death. */
  kill?: (store: OrderStore) => void;
}

/** One replica of the service inside this process; it ends with the test. Its recovery runs when it is started. */
export async function replica(
  t: TestContext,
  server: RedisServer,
  { users, payments }: { users: FakeService; payments: FakePayments },
  { leaseMs = 60_000, tryTimeoutMs = timing.tryTimeoutMs, kill }: ReplicaOptions = {},
) {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const redis = new RedisConnection(server, log);
  const { app } = createServer(log, () => redis.requireReady());
  const store = new OrderStore(redis, leaseMs);
  kill?.(store);
  const paymentsClient = new PaymentsClient(payments.url, { ...timing, tryTimeoutMs });
  const settlement = new Settlement(store, paymentsClient);
  const usersClient = new UsersClient(new ServiceClient("users", users.url, { ...timing, tryTimeoutMs }));
  registerOrders(app, { store, users: usersClient, settlement, callBudgetMs });
  const recovery = new Recovery(store, settlement, callBudgetMs, log);
  redis.start();
  t.after(async () => {
    const stopped = recovery.stop();
    if (kill === undefined) await stopped;
    await app.close();
    paymentsClient.close();
    redis.stop();
  });
  await until(async () => (await app.inject("/readyz")).statusCode === 200);
  return { app, recovery, lines };
}

interface Caller {
  key?: string;
  /** As the gateway says it. */
  user?: string;
}

export function post(app: FastifyInstance, payload: object | string, { key, user = "ada" }: Caller = {}) {
  const headers = { "content-type": "application/json", "x-request-id": "test-1", "x-user-id": user };
  const keyed = key === undefined ? headers : { ...headers, "idempotency-key": key };
  return app.inject({ method: "POST", url: "/orders", headers: keyed, payload });
}

export function get(app: FastifyInstance, url: string, user = "ada") {
  return app.inject({ url, headers: { "x-request-id": "test-1", "x-user-id": user } });
}
