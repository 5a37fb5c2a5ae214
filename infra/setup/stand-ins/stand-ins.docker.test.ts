import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { before, test } from "node:test";
import { type ImageName, images } from "../../../components/images";
import { dockerConnection } from "../../engine/providers/docker/connection";
import { readDecision, readImageRecord } from "../image-record";
import { ensureImages } from "../images";

const docker = dockerConnection();
let references: Record<string, string>;
before(async () => {
  // Also those that few stacks need.
  references = await ensureImages(Object.keys(images) as ImageName[]);
});

/** Runs a program as hardened as services run, and returns what it said. */
async function say(name: string, ...command: string[]): Promise<string> {
  let output = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      output += chunk;
      done();
    },
  });
  const ended = finished(stream);
  const [result, container] = await docker.run(references[name]!, command.slice(1), stream, {
    Entrypoint: command.slice(0, 1),
    User: "65532:65532",
    Tty: true,
    HostConfig: {
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "" },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
    },
  });
  await ended;
  await container.remove({ force: true });
  assert.equal(result.StatusCode, 0, output);
  return output;
}

const programs: [string, string[], RegExp][] = [
  ["node", ["node", "--version"], /^v22\./],
  ["node", ["npm", "--version"], /^10\./],
  ["python", ["python3", "--version"], /^Python 3\.11\./],
  ["python", ["python", "-m", "venv", "/tmp/venv"], /^$/],
  ["python", ["pip", "--version"], /^pip .*python 3\.11/],
  ["golang", ["go", "version"], /^go version go1\.26/],
  ["envoy", ["envoy", "--version"], /\/1\.36\.2\//],
  ["etcd", ["/usr/local/bin/etcd", "--version"], /^etcd Version: 3\./],
  ["etcd", ["/usr/local/bin/etcdctl", "version"], /^etcdctl version: 3\./],
  ["consul", ["consul", "version"], /^Consul v1\.22\.0/],
  [
    "zookeeper",
    ["sh", "-c", "command -v zkServer.sh && java -version"],
    /^\/usr.*zkServer\.sh\s+openjdk version "17/,
  ],
  ["rabbitmq", ["rabbitmqctl", "version"], /^3\.10/],
  ["redis", ["redis-server", "--version"], /^Redis server v=7\./],
];

for (const [name, command, expected] of programs) {
  test(`The image for ${name} runs "${command.join(" ")}" on a read-only root as a plain user`, async () => {
    assert.match(await say(name, ...command), expected);
  });
}

test("What was decided is recorded for this daemon, and stacks see it", async () => {
  const { ID: daemon } = await docker.info();
  assert.deepEqual(readImageRecord(), references);
  assert.deepEqual(readDecision(daemon)?.references, references);
});

test("Every image is there, under a name and a label that say what it is", async () => {
  const standIns = Object.entries(references).filter(([, reference]) => reference.includes("/stand-in/"));
  for (const [name, reference] of standIns) {
    const { Config } = await docker.getImage(reference).inspect();
    assert.equal(Config.Labels["flotilla.stand-in"], name);
  }
});
