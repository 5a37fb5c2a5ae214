/** A real Redis behind a TCP port of a real Envoy. */
import assert from "node:assert/strict";
import * as net from "node:net";
import { after, before, test } from "node:test";
import type Docker from "dockerode";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import { ensureImages } from "../../infra/setup/images";
import { runToEnd } from "../run-to-end";
import { echo, type Running } from "./services";
import { hostAddress, Stage } from "./stage";

const PASSWORD = "{{redis}}";
/** Of the first TCP listener, in the gateway's container. */
const PORT = 10000;

let image: string;
let redis: Docker.Container;
let users: Running;
let stage: Stage;

before(async () => {
  ({ redis: image } = await ensureImages(["redis"]));
  redis = await dockerConnection().createContainer({
    Image: image,
    Entrypoint: ["redis-server"],
    Cmd: ["--save", "", "--requirepass", PASSWORD],
  });
  await redis.start();
  const { NetworkSettings } = await redis.inspect();
  users = await echo(await hostAddress(), "users");
  stage = await Stage.open({
    rules: { tcp: [{ listen: 6379, to: "redis" }], routes: [{ path: "/", to: "users" }] },
    instances: {
      redis: [{ address: `${NetworkSettings.Networks.bridge.IPAddress}:6379` }],
      users: [users],
    },
  });
});

after(async () => {
  await stage?.close();
  await users?.close();
  await redis?.remove({ force: true });
});

test("Redis' own client reads and writes through the gateway, with Redis' own password", async () => {
  assert.equal(await cli(PASSWORD, "PING"), "PONG");
  assert.equal(await cli(PASSWORD, "SET", "greeting", "hello"), "OK");
  assert.equal(await cli(PASSWORD, "GET", "greeting"), "hello");
  assert.match(await cli("wrong", "GET", "greeting"), /NOAUTH/);
});

test("many commands at once on one connection get their answers in order, large ones whole", async () => {
  const large = "x".repeat(1024 * 1024);
  const commands = [
    ["AUTH", PASSWORD],
    ["SET", "large", large],
    ["GET", "large"],
  ];
  const counts = Array.from({ length: 1000 }, () => ["INCR", "count"]);
  const answers = `+OK\r\n+OK\r\n$${large.length}\r\n${large}\r\n${counts.map((_, n) => `:${n + 1}\r\n`).join("")}`;
  assert(answers === (await talk([...commands, ...counts], answers.length)));
});

test("what is published comes to who subscribed through the gateway", async () => {
  const subscriber = net.connect(PORT, stage.address);
  let got = "";
  subscriber.on("data", (chunk) => {
    got += chunk;
  });
  const came = async (text: string): Promise<void> => {
    for (let tries = 0; tries < 100 && !got.endsWith(text); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert(got.endsWith(text), got);
  };
  subscriber.write(encoded(["AUTH", PASSWORD]) + encoded(["SUBSCRIBE", "news"]));
  await came(":1\r\n");
  const publish = [
    ["AUTH", PASSWORD],
    ["PUBLISH", "news", "sold out"],
  ];
  const one = "+OK\r\n:1\r\n";
  assert.equal(await talk(publish, one.length), one);
  await came("$8\r\nsold out\r\n");
  subscriber.destroy();
});

/** What `redis-cli` says, from a container of its own. */
async function cli(password: string, ...command: string[]): Promise<string> {
  const container = await dockerConnection().createContainer({
    ...{ Image: image, Tty: true, Env: [`REDISCLI_AUTH=${password}`] },
    Entrypoint: ["redis-cli", "-h", stage.address, "-p", String(PORT), "--raw"],
    Cmd: command,
  });
  return (await runToEnd(container)).output.trim();
}

/** As many characters as are expected, of what Redis answers. */
function talk(commands: string[][], expected: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: string[] = [];
    let length = 0;
    const socket = net.connect(PORT, stage.address, () => socket.write(commands.map(encoded).join("")));
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= expected) {
        socket.destroy();
      }
    });
    socket.setTimeout(10000, () => socket.destroy());
    socket.on("error", reject);
    socket.on("close", () => resolve(chunks.join("")));
  });
}

/** A command in Redis' protocol. */
function encoded(command: string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
