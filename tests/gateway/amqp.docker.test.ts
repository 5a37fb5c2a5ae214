/** A real RabbitMQ behind a TCP port of a real Envoy. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { type ChannelModel, connect, type GetMessage } from "amqplib";
import type Docker from "dockerode";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import { ensureImages } from "../../infra/setup/images";
import { echo, type Running } from "./services";
import { hostAddress, Stage } from "./stage";

const PASSWORD = "{{rabbitmq}}";
/** Of the first TCP listener, in the gateway's container. */
const PORT = 10000;
const STARTS_WITHIN_SECONDS = 90;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-amqp-"));
let rabbitmq: Docker.Container;
let users: Running;
let stage: Stage;

before(async () => {
  const { rabbitmq: image } = await ensureImages(["rabbitmq"]);
  const configuration = path.join(folder, "rabbitmq.conf");
  fs.writeFileSync(configuration, `default_user = shop\ndefault_pass = ${PASSWORD}\nloopback_users = none\n`);
  fs.chmodSync(folder, 0o755);
  rabbitmq = await dockerConnection().createContainer({
    Image: image,
    Entrypoint: ["rabbitmq-server"],
    User: "65532:65532",
    Env: ["RABBITMQ_CONFIG_FILE=/configuration/rabbitmq.conf"],
    HostConfig: { Binds: [`${folder}:/configuration:ro`], ReadonlyRootfs: true, Tmpfs: { "/tmp": "" } },
  });
  await rabbitmq.start();
  const { NetworkSettings } = await rabbitmq.inspect();
  users = await echo(await hostAddress(), "users");
  stage = await Stage.open({
    rules: { tcp: [{ listen: 5672, to: "rabbitmq" }], routes: [{ path: "/", to: "users" }] },
    instances: {
      rabbitmq: [{ address: `${NetworkSettings.Networks.bridge.IPAddress}:5672` }],
      users: [users],
    },
  });
  await started();
});

after(async () => {
  await stage?.close();
  await users?.close();
  await rabbitmq?.remove({ force: true });
  fs.rmSync(folder, { recursive: true });
});

test("messages are confirmed, kept and consumed in order through the gateway, a large one whole", async () => {
  const client = await login(PASSWORD);
  const channel = await client.createConfirmChannel();
  await channel.assertQueue("orders");
  const large = "x".repeat(1024 * 1024);
  const sent = [...Array.from({ length: 1000 }, (_, number) => `order ${number}`), large];
  for (const text of sent) {
    channel.sendToQueue("orders", Buffer.from(text));
  }
  await channel.waitForConfirms();
  assert.equal((await channel.checkQueue("orders")).messageCount, sent.length);

  const got: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const consuming = channel.consume("orders", (message) => {
      got.push(message!.content.toString());
      channel.ack(message!);
      if (got.length === sent.length) {
        resolve();
      }
    });
    consuming.catch(reject);
  });
  assert(got.join() === sent.join());
  assert.equal((await channel.checkQueue("orders")).messageCount, 0);
  await client.close();
});

test("what a client took and did not acknowledge is another's once its connection is cut", async () => {
  const [first, second] = [await login(PASSWORD), await login(PASSWORD)];
  const [taking, finding] = [await first.createChannel(), await second.createChannel()];
  await taking.assertQueue("payments");
  taking.sendToQueue("payments", Buffer.from("pay once"));
  assert.equal((await arrived(taking)).content.toString(), "pay once");
  await first.close();
  const again = await arrived(finding);
  assert.equal(again.content.toString(), "pay once");
  assert.equal(again.fields.redelivered, true);
  finding.ack(again);
  await second.close();

  async function arrived(channel: typeof taking): Promise<GetMessage> {
    for (let tries = 0; tries < 100; tries++) {
      const message = await channel.get("payments");
      if (message) {
        return message;
      }
      await pause(50);
    }
    throw new Error("no message");
  }
});

test("RabbitMQ's own refusal of a wrong password comes back", async () => {
  await assert.rejects(login("wrong"), /ACCESS[_-]REFUSED/);
});

function login(password: string): Promise<ChannelModel> {
  return connect({ hostname: stage.address, port: PORT, username: "shop", password });
}

/** The gateway is there first: a broker takes its time. */
async function started(): Promise<void> {
  const deadline = Date.now() + STARTS_WITHIN_SECONDS * 1000;
  for (;;) {
    try {
      return await (await login(PASSWORD)).close();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await pause(500);
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
