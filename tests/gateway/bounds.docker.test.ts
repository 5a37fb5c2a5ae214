/** How many a real Envoy takes at once: connections of clients, and tries again. */
import assert from "node:assert/strict";
import * as http from "node:http";
import * as net from "node:net";
import { after, before, test } from "node:test";
import type { GatewayRules } from "../../components/gateway-spec";
import { echo, type Running } from "./services";
import { hostAddress, Stage } from "./stage";

const CONNECTIONS = 60;
const RETRIES = 3;
/** Of the requests at once, as many may be tried again at once. */
const BUDGET_PERCENT = 25;

const RULES: GatewayRules = {
  limits: { maxConnections: CONNECTIONS },
  upstreams: { bounded: { retryBudgetPercent: BUDGET_PERCENT } },
  routes: [
    { path: "/open", to: "users" },
    { path: "/bounded", to: "bounded", retries: RETRIES },
    { path: "/unbounded", to: "unbounded", retries: RETRIES },
  ],
};

let stage: Stage;
let busy: Busy;
const running: Running[] = [];

before(async () => {
  const host = await hostAddress();
  const users = await echo(host, "users");
  busy = await overloaded(host);
  running.push(users, busy);
  stage = await Stage.open({
    rules: RULES,
    instances: { users: [users], bounded: [busy], unbounded: [busy] },
  });
});

after(async () => {
  await stage?.close();
  await Promise.all(running.map((one) => one.close()));
});

test("a connection beyond the limit is closed at once, and let in when another one leaves", async () => {
  const open = await Promise.all(Array.from({ length: CONNECTIONS }, () => connection()));
  assert.deepEqual([...new Set(open.map(({ answer }) => answer))], ["HTTP/1.1 200 OK"]);
  assert.equal((await connection()).answer, "");
  assert.equal(await metric("envoy_connection_limit_limited_connections", "http"), 1);
  open.pop()!.socket.destroy();
  let next = await connection();
  for (let tries = 0; next.answer === "" && tries < 50; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    next = await connection();
  }
  assert.equal(next.answer, "HTTP/1.1 200 OK");
  for (const { socket } of [...open, next]) {
    socket.destroy();
  }
  await until(async () => (await metric("envoy_connection_limit_active_connections", "http")) === 0);
});

test("without a budget every request is tried again as often as its route says", async () => {
  assert.deepEqual(await statusesOf("/unbounded"), [503]);
  assert.equal(busy.requests("/unbounded"), CONNECTIONS * (1 + RETRIES));
});

test("a retry budget bounds the tries again of a service that fails, and counts those that it forbids", async () => {
  assert.deepEqual(await statusesOf("/bounded"), [503]);
  const again = busy.requests("/bounded") - CONNECTIONS;
  assert.equal(await metric("envoy_cluster_upstream_rq_retry", "bounded"), again);
  const [forbidden, exhausted] = [
    await metric("envoy_cluster_upstream_rq_retry_overflow", "bounded"),
    await metric("envoy_cluster_upstream_rq_retry_limit_exceeded", "bounded"),
  ];
  assert.equal(forbidden + exhausted, CONNECTIONS, "each request ends by the one or the other");
  assert(forbidden > 0 && again > 0, `${forbidden} forbidden, ${again} again`);
  const most = Math.floor((CONNECTIONS * BUDGET_PERCENT) / 100);
  assert(busy.mostAgain("/bounded") <= most, `${busy.mostAgain("/bounded")} at once, of ${most}`);
  assert(busy.mostAgain("/unbounded") > most);
});

interface Busy extends Running {
  requests(path: string): number;
  /** The most requests at once that had come before. */
  mostAgain(path: string): number;
}

/** Answers 503 to everything, after a while. */
async function overloaded(host: string): Promise<Busy> {
  const came = new Map<string, number>();
  const again: Record<string, { now: number; most: number }> = {};
  const server = http.createServer((request, response) => {
    const url = request.url!;
    const [path] = url.split("?");
    const times = (came.get(url) ?? 0) + 1;
    came.set(url, times);
    again[path] ??= { now: 0, most: 0 };
    const count = again[path];
    count.now += times > 1 ? 1 : 0;
    count.most = Math.max(count.most, count.now);
    setTimeout(() => {
      count.now -= times > 1 ? 1 : 0;
      response.writeHead(503).end();
    }, 500);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    address: `${host}:${port}`,
    requests: (path) =>
      [...came].reduce((sum, [url, times]) => sum + (url.split("?")[0] === path ? times : 0), 0),
    mostAgain: (path) => again[path].most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Statuses of as many requests at once as there may be connections, each once. */
async function statusesOf(path: string): Promise<number[]> {
  const one = (number: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = http.get(stage.url(`${path}?${number}`), { agent: false }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode!));
      });
      request.on("error", reject);
    });
  return [...new Set(await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => one(number))))];
}

/** A connection that stays open, and the first line that a request got on it; "" where it was closed. */
function connection(): Promise<{ socket: net.Socket; answer: string }> {
  return new Promise((resolve) => {
    const socket = net.connect(8080, stage.address, () =>
      socket.write("GET /open HTTP/1.1\r\nhost: a\r\n\r\n"),
    );
    socket.on("error", () => undefined);
    socket.once("data", (chunk) => resolve({ socket, answer: chunk.toString().split("\r\n")[0] }));
    socket.once("close", () => resolve({ socket, answer: "" }));
  });
}

/** A counter or gauge whose labels have a word. */
async function metric(name: string, word: string): Promise<number> {
  const lines = (await stage.metrics()).matchAll(new RegExp(`^${name}{([^}]*)} (\\d+)$`, "gm"));
  const [found] = [...lines].filter(([, labels]) => labels.includes(`"${word}"`));
  return Number(found[2]);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100 && !(await holds()); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
