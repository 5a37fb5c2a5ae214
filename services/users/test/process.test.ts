import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decodeJwt } from "jose";
import { RedisServer, withoutRedis } from "./redis-server";
import { RunningService, until } from "./running-service";
import { signing } from "./signing";

function getOn(agent: Agent, url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().once("end", () => resolve(answer))).once("error", reject);
  });
}

/** A POST whose head was sent and whose body is still to come. */
class HalfSentRequest {
  static readonly #body = JSON.stringify({ name: "Slow", email: "slow@example.com", password: "12345678" });
  #answer = "";

  private constructor(private readonly socket: Socket) {
    socket.on("data", (data) => {
      this.#answer += data;
    });
  }

  static async start(url: string): Promise<HalfSentRequest> {
    const request = new HalfSentRequest(connect(Number(new URL(url).port), "127.0.0.1"));
    const head = [
      "POST /users HTTP/1.1",
      "host: x",
      "content-type: application/json",
      "expect: 100-continue",
    ];
    request.socket.write(`${head.join("\r\n")}\r\ncontent-length: ${HalfSentRequest.#body.length}\r\n\r\n`);
    await until(() => request.#answer.includes("100 Continue"));
    return request;
  }

  async finish(): Promise<string> {
    this.socket.write(HalfSentRequest.#body);
    await until(() => this.socket.readableEnded);
    return this.#answer;
  }
}

describe("the process", { skip: withoutRedis }, () => {
  const directory = mkdtempSync(join(tmpdir(), "users-test-"));
  const passwordFile = join(directory, "redis-password");
  const keyFile = join(directory, "signing-key");
  const adminFile = join(directory, "admin-password");
  let redis: RedisServer;

  before(async () => {
    redis = await RedisServer.start();
    writeFileSync(passwordFile, `${redis.password}\n`);
    writeFileSync(keyFile, signing.privateKeyPem);
    writeFileSync(adminFile, "the first password\n");
  });
  after(async () => {
    await redis.stop();
    rmSync(directory, { recursive: true });
  });

  async function startService(environment: Record<string, string> = {}): Promise<RunningService> {
    const files = { REDIS_PASSWORD_FILE: passwordFile, SIGNING_KEY_FILE: keyFile };
    return RunningService.start({ REDIS_URL: redis.url, ...files, ...environment });
  }

  async function login(service: RunningService, password: string): Promise<Response> {
    return service.post("/login", { email: "admin@example.com", password });
  }

  test("starts without Redis, is ready once it is there, and logs JSON with the agreed keys", async () => {
    await redis.stop();
    const service = await startService();
    assert.equal(await service.status("/readyz"), 503);
    await redis.start();
    await until(async () => (await service.status("/readyz")) === 200);
    await service.post(
      "/users",
      { name: "Ada", email: "ada@example.com", password: "12345678" },
      { "x-request-id": "r-1" },
    );
    await until(() => service.log.some((line) => line.message === "request"));
    const { time, level, service: name, requestId } = service.log.find((line) => line.message === "request")!;
    assert.deepEqual(
      { level, service: name, requestId },
      { level: "info", service: "users", requestId: "r-1" },
    );
    assert.equal(new Date(time).toISOString(), time);
    assert.equal(service.log.filter((line) => line.message === "Redis is away").length, 1);
    await service.stop();
  });

  test("drains: not ready at once, serves on, finishes what is under way, exits 0", async () => {
    const service = await startService();
    await until(async () => (await service.status("/readyz")) === 200);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await getOn(agent, `${service.url}/none`)).headers.connection, "keep-alive");
    const underWay = await HalfSentRequest.start(service.url);

    const startedAt = performance.now();
    service.signal("SIGTERM");
    await until(async () => (await service.status("/readyz")) === 503);
    const during = await getOn(agent, `${service.url}/none`);
    assert.equal(during.statusCode, 404);
    assert.equal(during.headers.connection, "close");

    const answer = await underWay.finish();
    assert.match(answer, /HTTP\/1\.1 201 Created/);
    assert.match(answer, /connection: close/i);
    assert.equal(await service.exitCode(), 0);
    assert.ok(performance.now() - startedAt < 10_000);
    assert.equal(service.log.at(-1)!.message, "stopped");
  });

  test("silent connections do not keep it from stopping", async () => {
    const service = await startService();
    const silent = connect(Number(new URL(service.url).port), "127.0.0.1");
    silent.on("error", () => undefined);
    await until(() => silent.readyState === "open");
    const startedAt = performance.now();
    service.signal("SIGTERM");
    assert.equal(await service.exitCode(), 0);
    assert.ok(performance.now() - startedAt < 5_000);
    silent.destroy();
  });

  test("the administrator is made once by replicas that start together, before any of them is ready", async () => {
    await redis.stop();
    const admin = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD_FILE: adminFile };
    const services = await Promise.all([1, 2, 3].map(() => startService(admin)));
    assert.equal(await services[0]!.status("/readyz"), 503);
    await redis.start();
    const ids = new Set<unknown>();
    for (const service of services) {
      await until(async () => (await service.status("/readyz")) === 200);
      const answer = await login(service, "the first password");
      assert.equal(answer.status, 200);
      const { sub, roles } = decodeJwt(((await answer.json()) as { token: string }).token);
      assert.deepEqual(roles, ["admin"]);
      ids.add(sub);
    }
    assert.equal(ids.size, 1);
    await services[0]!.stop();
    await services[1]!.stop();

    // Its data outlives a deployment, and its password does not.
    writeFileSync(adminFile, "the second password\n");
    const next = await startService(admin);
    await until(async () => (await next.status("/readyz")) === 200);
    assert.equal((await login(next, "the first password")).status, 401);
    const answer = await login(next, "the second password");
    ids.add(decodeJwt(((await answer.json()) as { token: string }).token).sub);
    assert.equal(ids.size, 1);
    const log = [...services[2]!.log, ...next.log].map((line) => JSON.stringify(line)).join();
    assert.doesNotMatch(log, /the (first|second) password/);
    await services[2]!.stop();
    await next.stop();
  });

  const broken: [name: string, environment: Record<string, string>, message: string][] = [
    [
      "a wrong URL",
      { REDIS_URL: "localhost" },
      "The environment is not usable: REDIS_URL must be a URL such as redis://127.0.0.1:6379.",
    ],
    [
      "no key",
      { SIGNING_KEY_FILE: "" },
      "The environment is not usable: SIGNING_KEY_FILE must be the path of a private key in PEM.",
    ],
    [
      "a key that is none",
      { SIGNING_KEY_FILE: __filename },
      "SIGNING_KEY_FILE must hold a private key of ECDSA on the curve P-256, in PEM.",
    ],
    [
      "an administrator without password",
      { ADMIN_EMAIL: "admin@example.com" },
      "The environment is not usable: ADMIN_EMAIL goes with ADMIN_PASSWORD_FILE, and not without it.",
    ],
  ];
  for (const [name, environment, message] of broken) {
    test(`${name} ends it with a sentence that names the variable`, async () => {
      await assert.rejects(startService(environment), { message });
    });
  }
});
