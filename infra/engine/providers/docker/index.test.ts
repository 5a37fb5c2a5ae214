import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallContext, type Properties, type Provider, UNKNOWN } from "../../provider";
import { createDockerProvider } from "./index";

const TYPES = {
  container: "docker:index/container:Container",
  image: "docker:index/remoteImage:RemoteImage",
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
};

const context = (type: string, name = "web"): CallContext => ({
  urn: `urn:${name}`,
  type,
  name,
  signal: new AbortController().signal,
  progress() {},
});

// Nothing listens there: check and diff ask no daemon.
const nowhere = { host: "tcp://127.0.0.1:1" };
const provider = createDockerProvider(nowhere) as Provider;

async function changes(type: string, before: Properties, after: Properties) {
  const old = (await provider.check(context(type), undefined, before)).inputs;
  const { inputs, failures } = await provider.check(context(type), old, after);
  assert.deepEqual(failures, []);
  const state = { id: "1", inputs: old, outputs: {} };
  const { changed, changedKeys, replaceKeys, deleteBeforeReplace } = await provider.diff(
    context(type),
    state,
    inputs,
  );
  return { changed, changedKeys, replaceKeys, deleteBeforeReplace };
}

test("a resource without a name gets one, and keeps it", async () => {
  const first = (await provider.check(context(TYPES.network), undefined, {})).inputs;
  assert.match(first.name, /^web-[0-9a-f]{7}$/);
  assert.deepEqual(
    { ...first, name: "" },
    { __defaults: ["ipamDriver", "name"], ipamDriver: "default", name: "" },
  );
  const second = (await provider.check(context(TYPES.network), first, {})).inputs;
  assert.equal(second.name, first.name);
  const replacement = (await provider.check(context(TYPES.network), undefined, {})).inputs;
  assert.notEqual(replacement.name, first.name);
});

test("a container's defaults are those of the plugin", async () => {
  const { inputs } = await provider.check(context(TYPES.container), undefined, { name: "c", image: "i" });
  assert.deepEqual(inputs, {
    __defaults: [
      "containerReadRefreshTimeoutMilliseconds",
      "mustRun",
      "networkMode",
      "removeVolumes",
      "restart",
      "start",
      "waitTimeout",
    ],
    containerReadRefreshTimeoutMilliseconds: 15000,
    image: "i",
    mustRun: true,
    name: "c",
    networkMode: "bridge",
    removeVolumes: true,
    restart: "no",
    start: true,
    waitTimeout: 60,
  });
});

const container = { name: "c", image: "i:1" };
const image = { name: "i:1", build: { context: "." } };
const DIFFS: [string, string, Properties, Properties, string[], string[], boolean][] = [
  ["nothing", TYPES.container, container, container, [], [], false],
  ["another image", TYPES.container, container, { ...container, image: "i:2" }, ["image"], ["image"], true],
  [
    "an image not known yet",
    TYPES.container,
    container,
    { ...container, image: UNKNOWN },
    ["image"],
    ["image"],
    true,
  ],
  ["another limit", TYPES.container, container, { ...container, memory: 64 }, ["memory"], [], false],
  [
    "another grace",
    TYPES.container,
    container,
    { ...container, destroyGraceSeconds: 5 },
    ["destroyGraceSeconds"],
    [],
    false,
  ],
  [
    "the order of variables",
    TYPES.container,
    { ...container, envs: ["A=1", "B=2"] },
    { ...container, envs: ["B=2", "A=1"] },
    [],
    [],
    false,
  ],
  [
    "a health check",
    TYPES.container,
    container,
    { ...container, healthcheck: { tests: ["NONE"] } },
    ["healthcheck"],
    ["healthcheck"],
    true,
  ],
  ["an auto-named network", TYPES.network, {}, { internal: true }, ["internal"], ["internal"], false],
  [
    "a named network",
    TYPES.network,
    { name: "n" },
    { name: "n", internal: true },
    ["internal"],
    ["internal"],
    true,
  ],
  ["a named volume", TYPES.volume, { name: "v" }, { name: "v", driver: "x" }, ["driver"], ["driver"], true],
  [
    "an image's build",
    TYPES.image,
    image,
    { ...image, build: { context: ".", target: "t" } },
    ["build"],
    ["build"],
    false,
  ],
  [
    "an image's triggers",
    TYPES.image,
    image,
    { ...image, triggers: { hash: "2" } },
    ["triggers"],
    ["triggers"],
    false,
  ],
  ["how an image goes", TYPES.image, image, { ...image, keepLocally: true }, ["keepLocally"], [], false],
];

for (const [what, type, before, after, changedKeys, replaceKeys, deleteBeforeReplace] of DIFFS) {
  test(`${what} of a ${type.split(":").at(-1)}`, async () => {
    const expected = { changed: changedKeys.length > 0, changedKeys, replaceKeys, deleteBeforeReplace };
    assert.deepEqual(await changes(type, before, after), expected);
  });
}

const REFUSED: [string, Properties, string, string][] = [
  [
    TYPES.container,
    { uploads: [{ file: "/a" }] },
    "uploads[0]",
    "needs exactly one of content, contentBase64 and source, got none",
  ],
  [
    TYPES.container,
    { uploads: [{ file: "/a", content: "x", source: "y" }] },
    "uploads[0]",
    "needs exactly one of content, contentBase64 and source, got content and source",
  ],
  [
    TYPES.container,
    { readOnly: true, uploads: [{ file: "/a", content: "x" }] },
    "uploads",
    "cannot be written while readOnly is true: write them into a volume by a second container " +
      "that is never started, and mount that volume",
  ],
  [
    TYPES.container,
    { uploads: [{ file: "/a", content: "x", permissions: "644" }] },
    "uploads[0].permissions",
    'must be four octal digits such as "0644", got "644"',
  ],
  [TYPES.container, { cpus: "many" }, "cpus", 'must be a number of cores above 0 such as "0.5", got "many"'],
  [
    TYPES.container,
    { attach: true, rm: true },
    "rm",
    "does not go with attach: a container that is gone has no exit code",
  ],
  [
    TYPES.image,
    { build: { context: "." }, pullTriggers: ["x"] },
    "pullTriggers",
    "does not go with build: an image is either pulled or built",
  ],
];

for (const [type, given, property, reason] of REFUSED) {
  test(`${JSON.stringify(given)} is refused`, async () => {
    const all = { name: "c", ...(type === TYPES.container && { image: "i" }), ...given };
    const { failures } = await provider.check(context(type), undefined, all);
    assert.deepEqual(failures, [{ property, reason }]);
  });
}

test("uploads that are not known yet pass", async () => {
  const given = { image: "i", uploads: [UNKNOWN, { file: "/a", content: UNKNOWN }] };
  assert.deepEqual((await provider.check(context(TYPES.container), undefined, given)).failures, []);
});

test("an unknown resource type or function is refused with those that there are", async () => {
  await assert.rejects(provider.check(context("docker:index/plugin:Plugin"), undefined, {}), {
    message:
      "The embedded engine's docker provider has no resource type docker:index/plugin:Plugin; it has " +
      "docker:index/container:Container, docker:index/network:Network, docker:index/registryImage:RegistryImage, " +
      "docker:index/remoteImage:RemoteImage, docker:index/tag:Tag, docker:index/volume:Volume. Use one of them, or deploy with the Pulumi CLI.",
  });
  await assert.rejects(
    provider.invoke("docker:index/getLogs:getLogs", {}),
    /has no function docker:index\/getLogs/,
  );
});

test("a daemon that does not answer is named", async () => {
  await assert.rejects(provider.create(context(TYPES.volume), { name: "v" }), {
    message:
      "volume v could not be created: no Docker daemon answers at 127.0.0.1:1 (ECONNREFUSED). " +
      "Start Docker, or set DOCKER_HOST to where it runs.",
  });
});

test("a container that failed at what it was to do once is made anew, whatever else is the same", async () => {
  const diff = async (given: Properties, outputs: Properties) => {
    const { inputs } = await provider.check(context(TYPES.container), undefined, { image: "i", ...given });
    const state = { id: "1", inputs, outputs };
    const { changed, replaceKeys, deleteBeforeReplace } = await provider.diff(
      context(TYPES.container),
      state,
      inputs,
    );
    return { changed, replaceKeys, deleteBeforeReplace };
  };
  const same = { changed: false, replaceKeys: [], deleteBeforeReplace: false };
  const once = { attach: true, mustRun: false };
  assert.deepEqual(await diff(once, { exitCode: 3 }), {
    changed: true,
    replaceKeys: ["exitCode"],
    deleteBeforeReplace: true,
  });
  assert.deepEqual(await diff(once, { exitCode: 0 }), same);
  assert.deepEqual(await diff(once, { exitCode: null }), same);
  assert.deepEqual(await diff({}, { exitCode: 3 }), same);
});
