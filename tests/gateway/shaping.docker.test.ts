/** How the gateway spreads, joins and bounds traffic, on a real Envoy; and what it does with requests that mean harm. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as net from "node:net";
import { after, before, test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import WebSocket from "ws";
import type { GatewayRules } from "../../components/gateway-spec";
import { type Echo, echo, grpcServer, HEALTH, REFLECTION, type Running, SERVING, tcpEcho } from "./services";
import { hostAddress, Stage } from "./stage";

const RULES: GatewayRules = {
  limits: { headersTimeoutSeconds: 1, requestTimeoutSeconds: 2, maxHeaderKiB: 16 },
  upstreams: { fragile: { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1 } },
  tcp: [
    { listen: 6379, to: "redis" },
    { listen: 5672, to: "redis", addresses: { allow: ["192.0.2.1"] } },
    { listen: 1883, to: "redis", maxConnections: 1 },
  ],
  routes: [
    { path: "/users", to: "users", metadata: { version: "1" }, timeoutSeconds: 1 },
    { path: "/admin", to: "people" },
    {
      ...{ path: "/split", to: "users", metadata: { version: "1" } },
      split: [
        { metadata: { version: "2" }, percent: 30 },
        { to: "people", percent: 20 },
      ],
    },
    { path: "/copied", to: "users", mirror: { to: "people" } },
    { path: "/fragile", to: "fragile", retries: 0 },
    { path: "/bounded", to: "users", maxBodyKiB: 4 },
    { path: "/few", to: "users", rateLimit: { requests: 1, perSeconds: 600, by: "all" } },
    { path: "/grpc.health.v1.Health", to: "payments", protocol: "grpc" },
    { path: "/grpc.reflection.v1.ServerReflection", to: "payments", protocol: "grpc" },
  ],
};

let stage: Stage;
let people: Echo;
const running: Running[] = [];

before(async () => {
  const host = await hostAddress();
  const [users, next] = await Promise.all(["users-1", "users-2"].map((name) => echo(host, name)));
  people = await echo(host, "people");
  const [redis, payments] = [await tcpEcho(host), await grpcServer(host)];
  running.push(users, next, people, redis, payments);
  const versions = [users, next].map(({ address }, index) => ({
    address,
    metadata: { version: `${index + 1}` },
  }));
  stage = await Stage.open({
    rules: RULES,
    instances: {
      ...{ users: versions, people: [people], redis: [redis], payments: [payments], fragile: [users] },
    },
  });
});

after(async () => {
  await stage?.close();
  await Promise.all(running.map((one) => one.close()));
});

test("versions get their shares of the requests", async () => {
  const counts: Record<string, number> = { "users-1": 0, "users-2": 0, people: 0 };
  for (let sent = 0; sent < 400; sent++) {
    const { name } = (await (await fetch(stage.url("/split"))).json()) as { name: string };
    counts[name]++;
  }
  // Five times the deviation that chance makes of 400 draws.
  const within = (got: number, percent: number): boolean =>
    Math.abs(got - 4 * percent) <= 5 * Math.sqrt(4 * percent * (1 - percent / 100));
  assert(
    within(counts["users-1"], 50) && within(counts["users-2"], 30) && within(counts.people, 20),
    JSON.stringify(counts),
  );
});

test("a copy of each request goes elsewhere, and the answer is the service's own", async () => {
  const { name } = (await (await fetch(stage.url("/copied/1"))).json()) as { name: string };
  assert.match(name, /^users-/);
  for (let waited = 0; !people.seen.includes("/copied/1") && waited < 50; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert(people.seen.includes("/copied/1"), people.seen.join());
});

test("more requests at once than a service takes are refused at once", async () => {
  const statuses = await Promise.all(
    Array.from({ length: 5 }, async () => (await fetch(stage.url("/fragile/slow"))).status),
  );
  assert(statuses.includes(200) && statuses.includes(503), statuses.join());
});

test("gRPC passes, with health and reflection", async () => {
  const call = (definition: object) =>
    new (grpc.makeGenericClientConstructor(definition as grpc.ServiceDefinition, "any"))(
      `${stage.address}:8080`,
      grpc.credentials.createInsecure(),
    ) as grpc.Client & Record<string, (...args: unknown[]) => grpc.ClientDuplexStream<Buffer, Buffer>>;
  const health = call(HEALTH);
  const answer = await new Promise((resolve, reject) => {
    health.check(Buffer.alloc(0), (error: Error | null, value: Buffer) =>
      error ? reject(error) : resolve(value),
    );
  });
  assert.deepEqual(answer, SERVING);
  const reflection = call(REFLECTION);
  const stream = reflection.info();
  const messages: string[] = [];
  for (const message of ["one", "two"]) {
    stream.write(Buffer.from(message));
    messages.push(String(await new Promise((resolve) => stream.once("data", resolve))));
  }
  stream.end();
  assert.deepEqual(messages, ["one", "two"]);
  health.close();
  reflection.close();
});

test("a WebSocket's messages pass both ways, also after the route's time-out, until one side says why it closes", async () => {
  const socket = new WebSocket(`ws://${stage.address}:8080/users/socket`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const exchanged = async (message: string | Buffer): Promise<string | Buffer> => {
    const answer = new Promise<string | Buffer>((resolve) => {
      socket.once("message", (data: Buffer, isBinary) => resolve(isBinary ? data : data.toString()));
    });
    socket.send(message);
    return answer;
  };
  assert.equal(await exchanged("hello"), "hello");
  const large = randomBytes(1024 * 1024);
  assert(large.equals((await exchanged(large)) as Buffer));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(await exchanged("still here"), "still here");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.close(4001, "enough");
  assert.equal(await closed, 4001);
});

test("a route that bounds bodies takes no WebSocket", async () => {
  const refused = new WebSocket(`ws://${stage.address}:8080/bounded/socket`);
  const error = await new Promise<Error>((resolve) => refused.once("error", resolve));
  assert.match(error.message, /403/);
});

test("TCP passes as it is, from the addresses that may connect, and as many as may", async () => {
  assert.equal(await talk(10000, "PING\r\n", 6), "PING\r\n");
  assert.equal(await talk(10001, "AMQP", 4), "");
  const first = net.connect(10002, stage.address);
  await new Promise((resolve) => first.once("connect", resolve));
  first.write("x");
  await new Promise((resolve) => first.once("data", resolve));
  assert.equal(await talk(10002, "x", 1), "");
  first.destroy();
});

test("who sends headers or a body too slowly is cut off", async () => {
  const started = Date.now();
  const slow = await raw("GET /users HTTP/1.1\r\nhost: a\r\n", { dripping: "x-a: b\r\n" });
  assert.match(slow, /^HTTP\/1.1 408 /);
  const body = await raw("POST /users HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n", {
    dripping: "x",
  });
  assert.match(body, /^HTTP\/1.1 408 [\s\S]*"error":"request_timeout"/);
  assert(Date.now() - started < 20000);
});

const SMUGGLED = "0\r\n\r\nGET /admin HTTP/1.1\r\nhost: a\r\n\r\n";
const ATTACKS: [what: string, request: string][] = [
  [
    "both lengths",
    `POST /users HTTP/1.1\r\nhost: a\r\ncontent-length: ${SMUGGLED.length}\r\ntransfer-encoding: chunked\r\n\r\n${SMUGGLED}`,
  ],
  ["two lengths", "POST /users HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 30\r\n\r\n"],
  [
    "an odd transfer encoding",
    `POST /users HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n${SMUGGLED}`,
  ],
  ["a blank before the colon", "GET /users HTTP/1.1\r\nhost: a\r\ncontent-length : 5\r\n\r\nhello"],
  ["a bare line feed in a header", "GET /users HTTP/1.1\r\nhost: a\r\nx-a: b\nx-c: d\0\r\n\r\n"],
  ["an underscore in a header", "GET /users HTTP/1.1\r\nhost: a\r\nx_user_id: root\r\n\r\n"],
  ["an escaped slash", "GET /users/..%2fadmin HTTP/1.1\r\nhost: a\r\n\r\n"],
  ["an escaped backslash", "GET /users/..%5cadmin HTTP/1.1\r\nhost: a\r\n\r\n"],
  ["a path that leaves the root", "GET /../../admin/../.. HTTP/1.1\r\nhost: a\r\n\r\n"],
  ["no host", "GET /users HTTP/1.1\r\n\r\n"],
  ["headers beyond the limit", `GET /users HTTP/1.1\r\nhost: a\r\nx-a: ${"x".repeat(17000)}\r\n\r\n`],
];

for (const [what, request] of ATTACKS) {
  test(`a request with ${what} reaches no service`, async () => {
    const before = people.seen.length;
    const answer = await raw(request);
    assert.match(answer, /^HTTP\/1.1 (4\d\d|501) /, answer);
    assert.equal((answer.match(/HTTP\/1.1/g) ?? []).length, 1, answer);
    assert.equal(people.seen.length, before);
  });
}

test("a path is matched and passed on in one spelling", async () => {
  const spelled = async (path: string): Promise<string> => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    return (
      /"name":"([^"]+)".*"path":"([^"]+)"/.exec(answer)?.slice(1, 3).join(" ") ?? answer.split("\r\n")[0]
    );
  };
  assert.equal(await spelled("/users/../admin"), "people /admin");
  assert.equal(await spelled("/users/./a//b"), "users-1 /users/a/b");
  assert.equal(await spelled("//admin"), "people /admin");
  assert.equal(await spelled("/%61dmin"), "people /admin");
});

test("refusals are counted, the log has every request with its number, and the admin interface stays inside", async () => {
  await fetch(stage.url("/none"));
  const refused = [await fetch(stage.url("/few")), await fetch(stage.url("/few"))].at(-1)!;
  assert.equal(refused.status, 429);
  const metrics = await stage.metrics();
  const count = (name: RegExp): number =>
    [...metrics.matchAll(new RegExp(`^${name.source}\\{[^}]*\\} (\\d+)$`, "gm"))].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  assert.equal(count(/envoy_http_local_rate_limit_rate_limited/), 1, "429");
  assert(count(/envoy_http_no_route/) >= 1, "404");
  const number = refused.headers.get("x-request-id")!;
  let line: string | undefined;
  // Envoy writes its log each ten seconds.
  for (let waited = 0; line === undefined && waited < 15; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    line = (await stage.logs()).split("\n").find((text) => text.includes(number));
  }
  const { status, path, requestId } = JSON.parse(/\{.*\}/.exec(line!)![0]);
  assert.deepEqual([status, path, requestId], [429, "/few", number]);
  await assert.rejects(fetch(`http://${stage.address}:9901/`));
  assert.equal((await fetch(`http://${stage.address}:9902/stats`)).status, 404);
  assert.equal((await fetch(`http://${stage.address}:9902/metrics`, { method: "POST" })).status, 404);
});

/** Sends bytes and gives what came back until the other side closed, or nothing came for a while. */
function raw(text: string, { dripping }: { dripping?: string } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(8080, stage.address, () => socket.write(text));
    const drip = dripping === undefined ? undefined : setInterval(() => socket.write(dripping), 200);
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk;
    });
    socket.on("error", () => undefined);
    socket.setTimeout(8000, () => socket.destroy());
    if (dripping === undefined) {
      socket.once("data", () => socket.setTimeout(1500));
    }
    socket.on("close", () => {
      clearInterval(drip);
      resolve(got);
    });
  });
}

/** What comes back of some bytes over TCP: as many as are expected, or what came until it was closed. */
function talk(port: number, text: string, expected: number): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = net.connect(port, stage.address, () => socket.write(text));
    socket.on("data", (chunk) => {
      got += chunk;
      if (got.length >= expected) {
        socket.destroy();
      }
    });
    socket.on("error", () => undefined);
    socket.setTimeout(3000, () => socket.destroy());
    socket.on("close", () => resolve(got));
  });
}
