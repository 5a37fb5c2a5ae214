/** Images by way of a real image registry that wants a password, from this machine's daemon to the cluster's nodes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../end-to-end/client";
import { type ApiObject, KubernetesDriver } from "../end-to-end/kubernetes-driver";
import { type ImageRegistry, startImageRegistry } from "./image-registry";

const PORT = 18195;
const credentials = { username: "ci", password: "correct-horse" };
const FOUND_WITHIN_SECONDS = 15;
const FOLDER = `127.0.0.1:${PORT}/shop`;

const stack = new KubernetesDriver("pushed", {
  httpPort: 30195,
  registryKind: "native",
  images: { push: FOLDER, username: credentials.username },
});
stack.architecture = "tests/kubernetes/greeter.ts";
let registry: ImageRegistry;

before(async () => {
  registry = await startImageRegistry(PORT, credentials);
});

after(async () => {
  await stack.down();
  await registry?.stop();
});

test("images are pushed with a password, and pulled with it by their digests", {
  timeout: 15 * 60_000,
}, async (t) => {
  await t.test("a wrong password is told, with what it was for", async () => {
    stack.secrets = { "flotilla:imageRegistryPassword": "wrong" };
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 1, output);
    assert.match(output, new RegExp(`image ${FOLDER}/[a-z-]+:[0-9a-f]{16} could not be pushed: .*auth`));
  });

  await t.test("with the right one the service comes up and answers", async () => {
    stack.secrets = { "flotilla:imageRegistryPassword": credentials.password };
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 0, output);
    // A node's port follows a ready pod within a second or so, and the gateway may hear of the service some seconds later.
    const answer = () => fetch(stack.url).then((response) => response.text(), String);
    await until(FOUND_WITHIN_SECONDS, answer, (text) => text === "hello");
  });

  await t.test(
    "the port of the nodes was there before a replica was ready, so that it led there at once",
    async () => {
      const services = await stack.list("api/v1", "services");
      const port = services.find(({ metadata }) => metadata.name === "edge-public")!;
      const [gateway] = await stack.pods("edge");
      const ready = gateway!.status.conditions.find(({ type }: ApiObject) => type === "Ready");
      assert.ok(
        port.metadata.creationTimestamp < ready.lastTransitionTime,
        `${port.metadata.creationTimestamp} is not before ${ready.lastTransitionTime}`,
      );
    },
  );

  await t.test("each image is the registry's, and the nodes have pulled it from there", async () => {
    const pods = await stack.list("api/v1", "pods");
    const images = pods.flatMap(({ spec }) =>
      [...(spec.initContainers ?? []), ...spec.containers].map(({ image }: ApiObject) => image as string),
    );
    assert.ok(images.length >= 4, `only ${images.length} containers run`);
    for (const image of images) {
      assert.match(image, new RegExp(`^${FOLDER}/[a-z-]+@sha256:[0-9a-f]{64}$`));
    }
    const pulls = registry.answers("containerd");
    assert.ok(pulls.filter((status) => status === 200).length >= 3, `it was asked ${pulls.length} times`);
  });

  await t.test("a second up changes nothing", async () => {
    assert.match((await stack.up()).output, /\b0 changes\b/);
  });

  await t.test("down leaves nothing", async () => {
    assert.equal((await stack.down()).exitCode, 0);
    assert.deepEqual(await stack.leftovers(), []);
  });
});
