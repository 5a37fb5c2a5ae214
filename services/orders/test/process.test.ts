import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { FakePayments, paid, paymentsInTurn, silentPayments } from "./fake-payments";
import { FakeService, json } from "./fake-service";
import { RedisServer, withoutRedis } from "./redis-server";
import { RunningService, until } from "./running-service";

describe("the process", { skip: withoutRedis }, () => {
  const directory = mkdtempSync(join(tmpdir(), "orders-test-"));
  const passwordFile = join(directory, "redis-password");
  let redis: RedisServer;

  before(async () => {
    redis = await RedisServer.start();
    writeFileSync(passwordFile, `${redis.password}\n`);
  });
  after(async () => {
    await redis.stop();
    rmSync(directory, { recursive: true });
  });

  function environment(usersUrl: string, paymentsUrl: string): Record<string, string> {
    return {
      REDIS_URL: redis.url,
      REDIS_PASSWORD_FILE: passwordFile,
      USERS_URL: usersUrl,
      PAYMENTS_GRPC_URL: paymentsUrl,
    };
  }

  test("an order under way at SIGTERM is finished, then it exits 0; its log carries the request id", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const users = await FakeService.start(json(200, {}));
    const payments = await FakePayments.start(async (reply, request) => {
      await held;
      paid(reply, request);
    });
    const service = await RunningService.start(environment(users.url, payments.url));
    await until(async () => (await service.status("/readyz")) === 200);

    const order = { items: [{ sku: "tea", quantity: 1, unitPrice: 2.5 }] };
    const answering = service.post("/orders", order, { "x-request-id": "r-1", "x-user-id": "ada" });
    await until(() => payments.asked.length === 1);
    service.signal("SIGTERM");
    await until(async () => (await service.status("/readyz")) === 503);
    release();
    const answer = await answering;
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("connection"), "close");
    const { id, status, total } = (await answer.json()) as { id: string; status: string; total: number };
    assert.deepEqual({ status, total }, { status: "paid", total: 2.5 });
    assert.equal(await service.exitCode(), 0);

    const placed = service.log.find((line) => line.message === "order placed")!;
    assert.deepEqual(
      {
        service: placed.service,
        requestId: placed.requestId,
        orderId: placed.orderId,
        status: placed.status,
      },
      { service: "orders", requestId: "r-1", orderId: id, status: "paid" },
    );
    payments.stop();
    await users.stop();
  });

  test("killed while it pays: another one answers the same request with the same order, paid once", async () => {
    const users = await FakeService.start(json(200, {}));
    const payments = await FakePayments.start(paymentsInTurn(silentPayments, paid));
    const first = await RunningService.start(environment(users.url, payments.url));
    const second = await RunningService.start(environment(users.url, payments.url));
    for (const service of [first, second]) {
      await until(async () => (await service.status("/readyz")) === 200);
    }
    const order = { items: [{ sku: "tea", quantity: 1, unitPrice: 2.5 }] };
    const key = { "idempotency-key": "killed-1", "x-user-id": "ada" };
    const broken = assert.rejects(first.post("/orders", order, key));
    await until(() => payments.asked.length === 1);
    await first.stop();
    await broken;

    const answer = await second.post("/orders", order, key);
    assert.equal(answer.status, 201);
    const { id, status } = (await answer.json()) as { id: string; status: string };
    assert.equal(status, "paid");
    assert.deepEqual(
      payments.asked.map(({ idempotencyKey }) => idempotencyKey),
      [id, id],
    );
    await second.stop();
    payments.stop();
    await users.stop();
  });

  test("starts while every other service and Redis are away", async () => {
    await redis.stop();
    const service = await RunningService.start(environment("http://127.0.0.1:1", "grpc://127.0.0.1:1"));
    assert.equal(await service.status("/readyz"), 503);
    await redis.start();
    await until(async () => (await service.status("/readyz")) === 200);
    await service.stop();
  });

  test("an environment that is not usable ends it with a sentence that names the variables", async () => {
    await assert.rejects(
      RunningService.start({ REDIS_URL: "redis://127.0.0.1:1", USERS_URL: "users:8080" }),
      {
        message:
          "The environment is not usable: USERS_URL must be a URL such as http://127.0.0.1:15001; " +
          "PAYMENTS_GRPC_URL must be a URL such as grpc://127.0.0.1:15002.",
      },
    );
  });
});
