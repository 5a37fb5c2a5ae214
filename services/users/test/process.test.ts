import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { RedisServer, withoutRedis } from "./redis-server";
import { RunningService, until } from "./running-service";

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
  let redis: RedisServer;

  before(async () => {
    redis = await RedisServer.start();
    writeFileSync(passwordFile, `${redis.password}\n`);
  });
  after(async () => {
    await redis.stop();
    rmSync(directory, { recursive: true });
  });

  async function startService(): Promise<RunningService> {
    return RunningService.start({ REDIS_URL: redis.url, REDIS_PASSWORD_FILE: passwordFile });
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
    assert.equal((await getOn(agent, `${service.url}/users/none`)).headers.connection, "keep-alive");
    const underWay = await HalfSentRequest.start(service.url);

    const startedAt = performance.now();
    service.signal("SIGTERM");
    await until(async () => (await service.status("/readyz")) === 503);
    const during = await getOn(agent, `${service.url}/users/none`);
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

  test("an environment that is not usable ends it with a sentence that names the variable", async () => {
    await assert.rejects(RunningService.start({ REDIS_URL: "localhost" }), {
      message: "The environment is not usable: REDIS_URL must be a URL such as redis://127.0.0.1:6379.",
    });
  });
});
