import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import type Docker from "dockerode";
import { pinImages, registryAnswers } from "./registry-images";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-pins-"));
after(() => fs.rmSync(folder, { recursive: true }));

/** A daemon whose registries have a digest for every reference, or an error. */
function daemon(digestOf: (reference: string) => string): Docker {
  const getImage = (reference: string) => ({
    distribution: async () => ({ Descriptor: { digest: digestOf(reference) } }),
  });
  return { getImage } as unknown as Docker;
}

const unreachable = daemon(() => {
  throw new Error("no such host.");
});

test("A registry answers when it has a catalogued image", async () => {
  assert.equal(await registryAnswers(daemon(() => "sha256:1")), true);
  assert.equal(await registryAnswers(unreachable), false);
});

test("The digests of the catalogued images are written as they stand in the catalogue", async () => {
  const file = path.join(folder, "digests.json");
  const written = await pinImages(
    daemon((reference) => `sha256:${reference}`),
    file,
  );
  assert.equal(written.redis, "sha256:docker.io/library/redis:7.4-bookworm");
  assert.deepEqual(Object.keys(written), [
    "node",
    "python",
    "golang",
    "envoy",
    "etcd",
    "redis",
    "rabbitmq",
    "consul",
    "zookeeper",
  ]);
  assert.deepEqual(JSON.parse(fs.readFileSync(file, "utf8")), written);
});

test("Without a registry nothing is written", async () => {
  const file = path.join(folder, "none.json");
  await assert.rejects(pinImages(unreachable, file), {
    message:
      "No digest of docker.io/library/node:22.23.3-bookworm-slim, so nothing was written: no such host. " +
      "Run this where the Docker daemon reaches the image registries.",
  });
  assert.equal(fs.existsSync(file), false);
});
