import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { after, before, describe, type TestContext, test } from "node:test";
import { status } from "@grpc/grpc-js";
import {
  declined,
  type FakePayments,
  fails,
  type PaymentsAnswer,
  paid,
  paymentsInTurn,
  pays,
  silentPayments,
} from "./fake-payments";
import { broken, json, silent } from "./fake-service";
import { RedisServer, withoutRedis } from "./redis-server";
import { get, item, known, neighbours, post, type ReplicaOptions, replica } from "./shop";

const impatient = { tryTimeoutMs: 1_000 };

function assertNotFound(answer: Awaited<ReturnType<typeof get>>): void {
  assert.equal(answer.statusCode, 404);
  const message = "There is no order with this id.";
  assert.deepEqual(answer.json(), { error: "not_found", message, requestId: "test-1" });
}

describe("orders", { skip: withoutRedis }, () => {
  let server: RedisServer;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.stop());

  /** The service with faked neighbours, all of them gone when the test ends. */
  async function shop(
    t: TestContext,
    usersAnswer: RequestListener,
    paymentsAnswer: PaymentsAnswer,
    options?: ReplicaOptions,
  ) {
    const faked = await neighbours(t, usersAnswer, paymentsAnswer);
    return { ...faked, ...(await replica(t, server, faked, options)) };
  }

  test("an order of a known user is paid, exactly, and can be read back", async (t) => {
    const { app, users, payments } = await shop(t, known, paid);
    const items = [item, { sku: "cup", quantity: 1, unitPrice: 0.1 }];
    const answer = await post(app, { items });
    assert.equal(answer.statusCode, 201);
    const { id } = answer.json();
    assert.deepEqual(answer.json(), { id, status: "paid", total: 60.07 });
    assert.equal(answer.headers.location, `/orders/${id}`);

    assert.deepEqual(
      users.received.map(({ method, path }) => [method, path]),
      [["GET", "/users/me"]],
    );
    const [{ timeoutMs, ...asked }, ...more] = payments.asked as [FakePayments["asked"][0]];
    assert.deepEqual(asked, {
      orderId: id,
      amountCents: 6007,
      idempotencyKey: id,
      userId: "ada",
      requestId: "test-1",
    });
    assert.ok(timeoutMs > 0 && timeoutMs <= 3_000, `${timeoutMs} ms`);
    assert.deepEqual(more, []);
    assert.equal(users.received[0]!.headers["x-request-id"], "test-1");
    assert.equal(users.received[0]!.headers["x-user-id"], "ada");

    const read = await get(app, `/orders/${id}`);
    assert.equal(read.statusCode, 200);
    assert.deepEqual(read.json(), { id, userId: "ada", items, status: "paid", total: 60.07 });
  });

  test("a declined payment is a declined order", async (t) => {
    const { app } = await shop(t, known, declined);
    const answer = await post(app, { items: [item] });
    assert.equal(answer.statusCode, 201);
    assert.equal(answer.json().status, "declined");
    assert.equal((await get(app, `/orders/${answer.json().id}`)).json().status, "declined");
  });

  test("an unknown user is refused, and nothing is paid", async (t) => {
    const { app, payments } = await shop(t, json(404, { error: "not_found" }), paid);
    const answer = await post(app, { items: [item] }, { user: "nobody" });
    assert.equal(answer.statusCode, 401);
    assert.deepEqual(answer.json(), {
      error: "unauthorized",
      message: "The user of this token does not exist any more. Log in again.",
      requestId: "test-1",
    });
    assert.equal(payments.asked.length, 0);
  });

  for (const [name, fault] of Object.entries({
    silent,
    broken,
    failing: json(500, {}),
    away: json(503, {}),
  })) {
    test(`users ${name}: 503, and nothing is paid`, async (t) => {
      const { app, payments } = await shop(t, fault, paid, impatient);
      const answer = await post(app, { items: [item] });
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.headers["retry-after"], "1");
      assert.deepEqual(answer.json(), {
        error: "users_unavailable",
        message: "The user cannot be checked now. Try again in a moment.",
        requestId: "test-1",
      });
      assert.equal(payments.asked.length, 0);
    });
  }

  for (const [name, fault, tries] of [
    ["silent", silentPayments, 3],
    ["away", fails(status.UNAVAILABLE), 3],
    ["failing", fails(status.INTERNAL), 1],
    ["refusing", fails(status.INVALID_ARGUMENT), 1],
    ["making no sense", pays("PAYMENT_STATUS_UNSPECIFIED"), 1],
  ] as const) {
    test(`payments ${name}: asked ${tries} times, the order is kept, its payment is pending`, async (t) => {
      const { app, payments } = await shop(t, known, fault, impatient);
      const answer = await post(app, { items: [item] });
      assert.equal(answer.statusCode, 201);
      const { id } = answer.json();
      assert.deepEqual(answer.json(), { id, status: "payment_pending", total: 59.97 });
      assert.equal((await get(app, `/orders/${id}`)).json().status, "payment_pending");
      assert.deepEqual(
        payments.asked.map(({ idempotencyKey }) => idempotencyKey),
        Array(tries).fill(id),
      );
    });
  }

  test("nobody listens where payments should be: the payment is pending", async (t) => {
    const { app, payments } = await shop(t, known, paid);
    payments.stop();
    assert.equal((await post(app, { items: [item] })).json().status, "payment_pending");
  });

  test("payments that come back are asked again with the same key", async (t) => {
    const comingBack = paymentsInTurn(fails(status.UNAVAILABLE), silentPayments, paid);
    const { app, payments } = await shop(t, known, comingBack, impatient);
    const answer = await post(app, { items: [item] });
    const { id, status: orderStatus } = answer.json();
    assert.equal(orderStatus, "paid");
    assert.deepEqual(
      payments.asked.map(({ idempotencyKey }) => idempotencyKey),
      [id, id, id],
    );
  });

  test("Redis gone after the payment: the answer says what is kept", async (t) => {
    let stopped: Promise<void> | undefined;
    const { app, lines } = await shop(t, known, async (reply, request) => {
      stopped ??= server.stop();
      await stopped;
      paid(reply, request);
    });
    const answer = await post(app, { items: [item] });
    await server.start();
    assert.equal(answer.statusCode, 201);
    assert.equal(answer.json().status, "payment_pending");
    assert.match(lines.join(""), /the status of the order could not be kept/);
  });

  test("Redis gone before the order is kept: 503, and nothing is paid", async (t) => {
    const { app, payments } = await shop(t, known, paid);
    await server.stop();
    const answer = await post(app, { items: [item] });
    await server.start();
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.json().error, "store_unavailable");
    assert.equal(payments.asked.length, 0);
  });

  const order = (change: object) => ({ items: [item, { ...item, ...change }] });
  const refused: [given: object | string, field: string | undefined, message: string][] = [
    [{}, "items", "items is required"],
    [{ items: [] }, "items", "items must have at least 1 item, got 0"],
    [{ items: Array(101).fill(item) }, "items", "items must have at most 100 items, got 101"],
    [{ items: [7] }, "items[0]", "items[0] must be an object, got 7"],
    [order({ sku: "" }), "items[1].sku", "items[1].sku must have at least 1 character, got 0"],
    [order({ quantity: 0 }), "items[1].quantity", "items[1].quantity must be at least 1, got 0"],
    [order({ quantity: 1_001 }), "items[1].quantity", "items[1].quantity must be at most 1000, got 1001"],
    [order({ quantity: 1.5 }), "items[1].quantity", "items[1].quantity must be a whole number, got 1.5"],
    [order({ quantity: "2" }), "items[1].quantity", "items[1].quantity must be a number, got a string"],
    [order({ unitPrice: undefined }), "items[1].unitPrice", "items[1].unitPrice is required"],
    [order({ unitPrice: -1 }), "items[1].unitPrice", "items[1].unitPrice must be at least 0.01, got -1"],
    [
      order({ unitPrice: 1e7 }),
      "items[1].unitPrice",
      "items[1].unitPrice must be at most 1000000, got 10000000",
    ],
    [
      order({ unitPrice: 1.005 }),
      "items[1].unitPrice",
      "items[1].unitPrice must have at most 2 decimals, got 1.005",
    ],
    ["[", undefined, "The body must be valid JSON."],
  ];
  test("bad bodies are refused with the field named", async (t) => {
    const { app, users } = await shop(t, known, paid);
    for (const [given, field, message] of refused) {
      const answer = await post(app, given);
      assert.equal(answer.statusCode, 400, message);
      const expected = { error: "invalid_request", message, requestId: "test-1" };
      assert.deepEqual(answer.json(), field ? { ...expected, field } : expected);
    }
    assert.equal(users.received.length, 0);
  });

  test("an order that does not exist answers 404", async (t) => {
    const { app } = await shop(t, known, paid);
    assertNotFound(await get(app, "/orders/none"));
  });

  test("another user's order is answered like one that does not exist", async (t) => {
    const { app } = await shop(t, known, paid);
    const { id } = (await post(app, { items: [item] })).json();
    assertNotFound(await get(app, `/orders/${id}`, "bob"));
    assert.equal((await get(app, `/orders/${id}`)).statusCode, 200);
  });

  test("a user lists their own orders, the newest first, page by page", async (t) => {
    const { app } = await shop(t, known, paid);
    const ids: string[] = [];
    for (let order = 0; order < 5; order++) {
      ids.unshift((await post(app, { items: [item] }, { user: "cleo" })).json().id);
      await post(app, { items: [item] }, { user: "dan" });
    }
    const list = async (query: string) => (await get(app, `/orders${query}`, "cleo")).json();
    const all = await list("");
    assert.deepEqual(Object.keys(all), ["orders"]);
    assert.deepEqual(all.orders[0], (await get(app, `/orders/${ids[0]}`, "cleo")).json());
    const idsOf = ({ orders }: { orders: { id: string }[] }) => orders.map(({ id }) => id);
    assert.deepEqual(idsOf(all), ids);

    const pages = [await list("?limit=2")];
    while (pages.at(-1).next) pages.push(await list(`?limit=2&before=${pages.at(-1).next}`));
    assert.deepEqual(pages.map(idsOf), [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    assert.deepEqual(await list("?limit=5"), all);
    assert.deepEqual(await list("?before=none"), { orders: [] });
    assert.deepEqual((await get(app, "/orders", "nobody")).json(), { orders: [] });
  });

  test("a page that cannot be one is refused with the field named", async (t) => {
    const { app } = await shop(t, known, paid);
    for (const [query, message] of [
      ["limit=0", "limit must be at least 1, got 0"],
      ["limit=101", "limit must be at most 100, got 101"],
      ["limit=1.5", "limit must be a whole number, got 1.5"],
    ]) {
      const answer = await get(app, `/orders?${query}`);
      assert.equal(answer.statusCode, 400, query);
      assert.deepEqual(answer.json(), {
        error: "invalid_request",
        message,
        field: "limit",
        requestId: "test-1",
      });
    }
  });

  test("whoever comes past the gateway is nobody, and nothing is paid", async (t) => {
    const { app, payments } = await shop(t, known, paid);
    for (const user of ["", "a b", "../users", "x".repeat(65)]) {
      const answers = [
        await post(app, { items: [item] }, { user }),
        await get(app, "/orders", user),
        await get(app, "/orders/1", user),
      ];
      for (const answer of answers) {
        assert.equal(answer.statusCode, 401, user);
        assert.equal(answer.json().error, "unauthorized");
      }
    }
    assert.equal(payments.asked.length, 0);
  });
});
