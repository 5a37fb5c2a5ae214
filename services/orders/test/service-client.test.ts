import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { pino } from "pino";
import { CallFailed, type CallTiming } from "../src/calls";
import { ServiceClient } from "../src/service-client";
import { broken, FakeService, inTurn, json, silent } from "./fake-service";
import { freePort } from "./redis-server";

const timing: CallTiming = { tryTimeoutMs: 2_000, maxTries: 4, firstPauseMs: 5, longestPauseMs: 20 };

function context(budgetMs = 10_000) {
  const log = pino({ enabled: false });
  return { requestId: "r-1", log, endsAtMs: performance.now() + budgetMs };
}

async function withFake(answer: RequestListener, use: (fake: FakeService) => Promise<void>): Promise<void> {
  const fake = await FakeService.start(answer);
  try {
    await use(fake);
  } finally {
    await fake.stop();
  }
}

function failsAfter(tries: number, reason: string) {
  return (error: Error) => {
    assert.ok(error instanceof CallFailed);
    assert.equal(error.message, `users: ${reason}, after ${tries} of at most 4 tries`);
    return true;
  };
}

test("carries the request id and the user", () =>
  withFake(json(200, { id: "u" }), async (fake) => {
    const client = new ServiceClient("users", `${fake.url}/`, timing);
    assert.deepEqual(await client.get("/users/u", "ada", context()), { status: 200, body: { id: "u" } });
    const [{ method, path, headers }] = fake.received as [(typeof fake.received)[0]];
    assert.deepEqual(
      [method, path, headers["x-request-id"], headers["x-user-id"]],
      ["GET", "/users/u", "r-1", "ada"],
    );
  }));

test("repeats after a broken connection, a 502, a 503, a 504 and a try that took too long", async () => {
  for (const fault of [broken, json(502, {}), json(503, {}), json(504, {}), silent]) {
    await withFake(inTurn(fault, json(200, { id: "u" })), async (fake) => {
      const client = new ServiceClient("users", fake.url, { ...timing, tryTimeoutMs: 500 });
      const answer = await client.get("/users/u", "ada", context());
      assert.deepEqual(answer, { status: 200, body: { id: "u" } });
      assert.equal(fake.received.length, 2);
    });
  }
});

test("does not repeat after an answer, even one that reports a fault", async () => {
  for (const status of [400, 404, 409, 500, 501]) {
    await withFake(json(status, {}), async (fake) => {
      const answer = await new ServiceClient("users", fake.url, timing).get("/users/u", "ada", context());
      assert.equal(answer.status, status);
      assert.equal(fake.received.length, 1);
    });
  }
});

test("gives up after the last try", () =>
  withFake(json(503, {}), async (fake) => {
    const call = new ServiceClient("users", fake.url, timing).get("/users/u", "ada", context());
    await assert.rejects(call, failsAfter(4, "status 503"));
    assert.equal(fake.received.length, 4);
  }));

test("gives up when nothing listens", async () => {
  const port = await freePort();
  const call = new ServiceClient("users", `http://127.0.0.1:${port}`, timing).get(
    "/users/u",
    "ada",
    context(),
  );
  await assert.rejects(call, failsAfter(4, `connect ECONNREFUSED 127.0.0.1:${port}`));
});

test("stays within the budget of the request", () =>
  withFake(silent, async (fake) => {
    const startedAt = performance.now();
    const slow = { ...timing, tryTimeoutMs: 5_000 };
    const call = new ServiceClient("users", fake.url, slow).get("/users/u", "ada", context(300));
    await assert.rejects(call, failsAfter(1, "The operation was aborted due to timeout"));
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 290 && tookMs < 3_000, `${tookMs} ms`);
  }));

test("an answer that is not JSON has no body", () =>
  withFake(
    (_request, response) => void response.end("<html>"),
    async (fake) => {
      const answer = await new ServiceClient("users", fake.url, timing).get("/users/u", "ada", context());
      assert.deepEqual(answer, { status: 200, body: undefined });
    },
  ));
