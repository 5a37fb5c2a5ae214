import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { createLocalJWKSet, errors, jwtVerify } from "jose";
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
const expected = { issuer: "users", audience: "shop", algorithms: ["ES256"] };

describe("login", { skip: withoutRedis }, () => {
  let server: RedisServer;
  let redis: RedisConnection;
  let app: FastifyInstance;
  let id: string;
  const lines: string[] = [];

  before(async () => {
    server = await RedisServer.start();
    const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
    redis = new RedisConnection(server, log);
    ({ app } = createServer(log, () => redis.requireReady()));
    registerUsers(app, new UserStore(redis), await Tokens.create(signing));
    redis.start();
    await until(async () => (await app.inject("/readyz")).statusCode === 200);
    ({ id } = (await post("/users", ada)).json());
  });

  after(async () => {
    await app.close();
    redis.stop();
    await server.stop();
  });

  function post(url: string, payload: object) {
    return app.inject({ method: "POST", url, payload, headers: { "x-request-id": "test-1" } });
  }

  async function keys() {
    return createLocalJWKSet((await app.inject("/.well-known/jwks.json")).json());
  }

  test("the token says who it is for an hour, and the public key proves it", async () => {
    const answer = await post("/login", { email: "aDA@example.COM", password: ada.password });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.deepEqual(Object.keys(answer.json()), ["token"]);
    const { payload, protectedHeader } = await jwtVerify(answer.json().token, await keys(), expected);
    const { iat, exp, ...claims } = payload;
    assert.deepEqual(claims, { sub: id, iss: "users", aud: "shop", roles: [] });
    assert.equal(exp! - iat!, 3_600);
    assert.ok(Math.abs(Date.now() / 1000 - iat!) < 30);
    assert.deepEqual(Object.keys(protectedHeader).sort(), ["alg", "kid", "typ"]);
  });

  test("the key set is the public half alone, and may be kept for five minutes", async () => {
    const answer = await app.inject("/.well-known/jwks.json");
    assert.equal(answer.headers["cache-control"], "public, max-age=300");
    const { keys, ...rest } = answer.json();
    assert.deepEqual(rest, {});
    assert.equal(keys.length, 1);
    assert.deepEqual(Object.keys(keys[0]).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });

  test("replicas with one key have one key set; a key in the older form of PEM is the same one", async () => {
    const older = createPrivateKey(signing.privateKeyPem).export({ type: "sec1", format: "pem" }).toString();
    const replicas = await Promise.all(
      [signing.privateKeyPem, older].map((privateKeyPem) => Tokens.create({ ...signing, privateKeyPem })),
    );
    assert.deepEqual(replicas[0]!.jwks, replicas[1]!.jwks);
    assert.deepEqual(replicas[0]!.jwks, (await app.inject("/.well-known/jwks.json")).json());
  });

  test("a token of another key is not one of ours", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const token = await (await Tokens.create({ ...signing, privateKeyPem })).issue(id, ["admin"]);
    await assert.rejects(jwtVerify(token, await keys(), expected), errors.JWKSNoMatchingKey);
  });

  for (const [name, type] of [
    ["another curve", generateKeyPairSync("ec", { namedCurve: "P-384" })],
    ["another kind", generateKeyPairSync("ed25519")],
  ] as const) {
    test(`a key of ${name} is refused at the start`, async () => {
      const privateKeyPem = type.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      await assert.rejects(Tokens.create({ ...signing, privateKeyPem }), {
        message: "SIGNING_KEY_FILE must hold a private key of ECDSA on the curve P-256, in PEM.",
      });
    });
  }

  const wrong: [name: string, credentials: object][] = [
    ["a wrong password", { email: ada.email, password: "correct hors" }],
    ["an empty password", { email: ada.email, password: "" }],
    ["an address nobody has", { email: "nobody@example.com", password: ada.password }],
    ["what is no address", { email: "*", password: ada.password }],
  ];
  test("a refusal is the same whatever is wrong", async () => {
    for (const [name, credentials] of wrong) {
      const answer = await post("/login", credentials);
      assert.equal(answer.statusCode, 401, name);
      const refusal = {
        error: "invalid_credentials",
        message: "email or password is wrong",
        requestId: "test-1",
      };
      assert.deepEqual(answer.json(), refusal, name);
    }
    assert.doesNotMatch(lines.join(""), /correct hors|nobody@/);
  });

  test("a refusal costs one hash, whether there is such a user or not", async () => {
    let hashes = 0;
    const hook = createHook({ init: (_id, type) => void (type === "SCRYPTREQUEST" && hashes++) }).enable();
    for (const [name, credentials] of wrong) {
      hashes = 0;
      await post("/login", credentials);
      assert.equal(hashes, 1, name);
    }
    hook.disable();
  });

  for (const [payload, field, message] of [
    [{ password: "12345678" }, "email", "email is required"],
    [{ email: ada.email }, "password", "password is required"],
    [
      { email: ada.email, password: "x".repeat(129) },
      "password",
      "password must have at most 128 characters, got 129",
    ],
  ] as const) {
    test(`refused: ${message}`, async () => {
      const answer = await post("/login", payload);
      assert.equal(answer.statusCode, 400);
      assert.deepEqual(answer.json(), { error: "invalid_request", message, field, requestId: "test-1" });
    });
  }
});
