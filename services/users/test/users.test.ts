import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createClient } from "@redis/client";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { RedisConnection } from "../src/redis";
import { createServer } from "../src/server";
import { Tokens } from "../src/tokens";
import { UserStore } from "../src/user-store";
import { registerUsers } from "../src/users";
import { RedisServer, withoutRedis } from "./redis-server";
import { until } from "./running-service";
import { signing } from "./signing";

const ada = { name: "Ada", email: "Ada@Example.com", password: "correct horse" };

describe("users", { skip: withoutRedis }, () => {
  let server: RedisServer;
  let redis: RedisConnection;
  let app: FastifyInstance;
  const lines: string[] = [];

  before(async () => {
    server = await RedisServer.start();
    const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
    redis = new RedisConnection(server, log);
    ({ app } = createServer(log, () => redis.requireReady()));
    registerUsers(app, new UserStore(redis), await Tokens.create(signing));
    redis.start();
    await until(async () => (await app.inject("/readyz")).statusCode === 200);
  });

  after(async () => {
    await app.close();
    redis.stop();
    await server.stop();
  });

  function post(payload: object | string, headers: Record<string, string> = {}) {
    return app.inject({
      method: "POST",
      url: "/users",
      headers: { "content-type": "application/json", ...headers },
      payload,
    });
  }

  const get = (url: string, caller: string) => app.inject({ url, headers: { "x-user-id": caller } });

  test("a new user can read themselves back, without the password", async () => {
    const created = await post({ ...ada, name: "  Ada " });
    assert.equal(created.statusCode, 201);
    const { id } = created.json();
    assert.deepEqual(created.json(), { id });
    assert.equal(created.headers.location, `/users/${id}`);

    for (const url of [`/users/${id}`, "/users/me"]) {
      const read = await get(url, id);
      assert.equal(read.statusCode, 200);
      assert.deepEqual(read.json(), { id, name: "Ada", email: "Ada@Example.com" });
    }
  });

  test("another user is answered like one that does not exist", async () => {
    const { id } = (await post({ ...ada, email: "other@example.com" })).json();
    const [another, nobody] = [await get(`/users/${id}`, "me"), await get("/users/none", "me")];
    for (const answer of [another, nobody]) {
      const { requestId, ...refusal } = answer.json();
      assert.equal(answer.statusCode, 404);
      assert.deepEqual(refusal, { error: "not_found", message: "There is no user with this id." });
      assert.equal(requestId, answer.headers["x-request-id"]);
    }
  });

  test("whoever comes past the gateway is nobody", async () => {
    for (const caller of ["", "a b", "../admin", "x".repeat(65)]) {
      for (const url of ["/users/me", "/users/1"]) {
        const answer = await get(url, caller);
        assert.equal(answer.statusCode, 401);
        assert.equal(answer.json().error, "unauthorized");
      }
    }
    assert.equal((await app.inject("/users/me")).statusCode, 401);
  });

  test("an e-mail address is taken once, whatever its case", async () => {
    const answer = await post({ ...ada, email: "aDA@example.COM" });
    assert.equal(answer.statusCode, 409);
    const { requestId, ...rest } = answer.json();
    assert.deepEqual(rest, {
      error: "email_taken",
      message: "email is taken by another user",
      field: "email",
    });
    assert.equal(requestId, answer.headers["x-request-id"]);
  });

  test("of two users with one address at the same time, one is created", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => post({ ...ada, email: "grace@example.com" })));
    assert.deepEqual(answers.map((answer) => answer.statusCode).sort(), [201, 409, 409]);
  });

  test("the password is stored as a salted scrypt hash only", async () => {
    const { id } = (await post({ ...ada, email: "hash@example.com" })).json();
    const client = await createClient(server).connect();
    const stored = await client.hGetAll(`users:user:${id}`);
    client.destroy();
    assert.deepEqual(Object.keys(stored).sort(), ["email", "name", "passwordHash"]);
    const [, name, parameters, salt, hash] = stored.passwordHash!.split("$");
    assert.equal(name, "scrypt");
    assert.equal(parameters, "ln=14,r=8,p=5");
    const expected = scryptSync(ada.password, Buffer.from(salt!, "base64"), 32, { N: 2 ** 14, r: 8, p: 5 });
    assert.equal(Buffer.from(hash!, "base64").toString("hex"), expected.toString("hex"));
  });

  const refused: [given: object | string, field: string | undefined, message: string][] = [
    [{ email: ada.email, password: ada.password }, "name", "name is required"],
    [{ ...ada, name: 7 }, "name", "name must be a string, got 7"],
    [{ ...ada, name: "   " }, "name", "name must have at least 1 character, got 0"],
    [{ ...ada, name: "x".repeat(101) }, "name", "name must have at most 100 characters, got 101"],
    [{ ...ada, email: "ada" }, "email", "email must be an e-mail address such as ada@example.com"],
    [{ ...ada, email: undefined }, "email", "email is required"],
    [
      { ...ada, email: `${"x".repeat(250)}@x.io` },
      "email",
      "email must have at most 254 characters, got 255",
    ],
    [{ ...ada, password: "seven77" }, "password", "password must have at least 8 characters, got 7"],
    [{ ...ada, password: "x".repeat(129) }, "password", "password must have at most 128 characters, got 129"],
    [{ ...ada, password: ["secret"] }, "password", "password must be a string, got a list"],
    ["[]", undefined, "The body must be an object, got a list"],
    ["null", undefined, "The body must be an object, got null"],
    ['{"name":', undefined, "The body must be valid JSON."],
    ["", undefined, "The body must be a JSON object, got nothing."],
  ];
  for (const [given, field, message] of refused) {
    test(`refused: ${message}`, async () => {
      const answer = await post(given, { "x-request-id": "test-1" });
      assert.equal(answer.statusCode, 400);
      const expected = { error: "invalid_request", message, requestId: "test-1" };
      assert.deepEqual(answer.json(), field ? { ...expected, field } : expected);
    });
  }

  test("a body of another type is refused", async () => {
    const answer = await post("name=Ada", { "content-type": "text/plain" });
    assert.equal(answer.statusCode, 415);
    assert.equal(answer.json().error, "unsupported_media_type");
  });

  test("a body that is too large is refused", async () => {
    const answer = await post({ ...ada, name: "x".repeat(65 * 1024) });
    assert.equal(answer.statusCode, 413);
    assert.equal(answer.json().error, "body_too_large");
  });

  test("addresses that do not exist answer 404 as JSON", async () => {
    for (const url of ["/users/none", "/nothing", `/users/${"x".repeat(500)}`]) {
      const answer = await get(url, "ada");
      assert.equal(answer.statusCode, 404, url);
      assert.equal(answer.json().error, "not_found", url);
      assert.equal(answer.json().requestId, answer.headers["x-request-id"], url);
    }
  });

  test("an address that cannot be decoded is refused as JSON", async () => {
    const answer = await app.inject("/users/%zz");
    assert.equal(answer.statusCode, 400);
    assert.equal(answer.json().error, "invalid_request");
    assert.equal(answer.json().requestId, answer.headers["x-request-id"]);
  });

  test("a sane request id is kept, any other is replaced", async () => {
    const kept = await app.inject({ url: "/users/none", headers: { "x-request-id": "edge.7_a-b" } });
    assert.equal(kept.headers["x-request-id"], "edge.7_a-b");
    for (const bad of ["two words", "x".repeat(129), 'quote"']) {
      const replaced = await app.inject({ url: "/users/none", headers: { "x-request-id": bad } });
      assert.match(String(replaced.headers["x-request-id"]), /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    }
  });

  test("the log has the request and nothing about the person", async () => {
    lines.length = 0;
    await post(
      { name: "Zaphod", email: "zaphod@example.com", password: "heart of gold" },
      { "x-request-id": "log-1" },
    );
    await post({ name: "Zaphod", email: "zaphod", password: "heart of gold" });
    await post({ name: "Zaphod", email: "zaphod@example.com", password: "heart of gold" });
    const { requestId, method, route, status, durationMs, msg } = JSON.parse(lines[0]!);
    assert.deepEqual(
      { requestId, method, route, status, msg },
      { requestId: "log-1", method: "POST", route: "/users", status: 201, msg: "request" },
    );
    assert.equal(Number.isInteger(durationMs), true);
    assert.equal(lines.length, 3);
    assert.doesNotMatch(lines.join(""), /zaphod|heart of gold/i);
  });

  test("a Redis that hangs or is gone is answered with 503, and used again when it is back", async () => {
    server.pause();
    const hanging = await get("/users/me", "ada");
    server.resume();
    assert.equal(hanging.statusCode, 503);
    assert.equal(hanging.headers["retry-after"], "1");
    assert.equal(hanging.json().error, "store_unavailable");

    await server.stop();
    await until(async () => (await app.inject("/readyz")).statusCode === 503);
    assert.equal((await post(ada)).json().error, "store_unavailable");
    assert.equal((await app.inject("/healthz")).statusCode, 200);

    await server.start();
    await until(async () => (await app.inject("/readyz")).statusCode === 200);
    assert.equal((await post(ada)).statusCode, 201);
  });
});
