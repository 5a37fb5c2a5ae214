import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { known, names, Recorder, revealed, settled } from "../../../tests/recorder";
import { Gateway, imageReference, Microservice, Registry } from "../../index";
import { DockerPlatform } from "./docker-platform";

const recorder = new Recorder("project", "dev");
const platform = new DockerPlatform("shop", { images: { node: "local/node:1" }, publishAddress: "0.0.0.0" });
const IMAGE = "registry.example.com/app:1";
const CONTAINER = "docker:index/container:Container";
const REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage";

test("a platform is a network, an agent's image, and a volume with the agent's binary", async () => {
  await settled();
  assert.equal(platform.namespace, "project-shop-dev");
  const network = recorder.one("docker:index/network:Network", "shop-network").inputs;
  const labels = [{ label: "flotilla.stack", value: "project/dev" }];
  assert.deepEqual([network.name, network.labels], ["project-shop-dev", labels]);
  const { build, triggers, name } = recorder.one(REMOTE_IMAGE, "shop-agent-image").inputs as {
    build: { buildArgs: object; dockerfile: string; label: object };
    triggers: { content: string };
    name: string;
  };
  assert.deepEqual(build.buildArgs, { GO_IMAGE: imageReference("golang") });
  assert.deepEqual(build.label, { "flotilla.stack": "project/dev" });
  assert.equal(name, `flotilla.local/project-shop-dev/shop-agent:${triggers.content}`);
  const volume = recorder.one("docker:index/volume:Volume", "shop-agent").inputs;
  assert.match(String(volume.name), /^project-shop-dev-agent-[0-9a-f]{12}$/);
  const filler = recorder.one(CONTAINER, "shop-agent-filler").inputs;
  assert.deepEqual([filler.image, filler.start], [name, false]);
  assert.deepEqual(filler.volumes, [{ containerPath: "/.flotilla", volumeName: volume.name }]);
});

test("a platform's name is checked", () => {
  assert.throws(
    () => new DockerPlatform("My Shop"),
    new pulumi.RunError(
      'DockerPlatform "My Shop": name must be lower-case letters, digits and dashes, starting with a letter, got "My Shop". Write "my-shop".',
    ),
  );
});

test("two platforms live in one program", async () => {
  new DockerPlatform("other");
  await settled();
  const urns = recorder.resources.map(({ type, name, parent }) => `${parent} ${type} ${name}`);
  assert.equal(new Set(urns).size, urns.length);
});

test("base images go to the Dockerfiles that ask for them, unless given", async (t) => {
  const context = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-build-"));
  t.after(() => fs.rmSync(context, { recursive: true }));
  fs.writeFileSync(
    path.join(context, "Dockerfile"),
    "ARG NODE_IMAGE\nARG PYTHON_IMAGE\nARG VERSION\nFROM scratch\n",
  );
  new Microservice("based", { platform, build: context });
  new Microservice("given", { platform, build: { context, args: { NODE_IMAGE: "mine:1", VERSION: "2" } } });
  await settled();
  const args = (name: string) => {
    const { build } = recorder.one(REMOTE_IMAGE, `${name}-image`).inputs as { build: { buildArgs: object } };
    return build.buildArgs;
  };
  const python = imageReference("python");
  assert.deepEqual(args("based"), { NODE_IMAGE: "local/node:1", PYTHON_IMAGE: python });
  assert.deepEqual(args("given"), { NODE_IMAGE: "mine:1", PYTHON_IMAGE: python, VERSION: "2" });
});

test("a private image is pulled with its credentials, which stay secret; any pulled image is kept", async () => {
  const imageCredentials = {
    address: "registry.example.com",
    username: "me",
    password: "hunter2hunter2",
  };
  pulumi.runtime.setConfig("docker:host", "ssh://me@192.0.2.1");
  new Microservice("private", { platform, image: IMAGE, imageCredentials });
  await settled();
  const { name, keepLocally } = recorder.one(REMOTE_IMAGE, "private-image").inputs;
  assert.deepEqual([name, keepLocally], [IMAGE, true]);
  const provider = recorder.one("pulumi:providers:docker", "private-image-registry").inputs;
  assert.equal(provider.host, "ssh://me@192.0.2.1", "the daemon stays the stack's own");
  const auth = JSON.parse(String(revealed(provider.registryAuth)));
  assert.deepEqual(auth, [{ address: "registry.example.com", password: "hunter2hunter2", username: "me" }]);
});

test("credentials beside a provider of the platform are refused, as they would lead to another daemon", () => {
  const provider = new docker.Provider("elsewhere", { host: "tcp://192.0.2.1:2376" });
  const remote = new DockerPlatform("remote", { provider });
  const imageCredentials = { address: "registry.example.com", username: "me", password: "hunter2hunter2" };
  assert.throws(
    () => new Microservice("refused", { platform: remote, image: IMAGE, imageCredentials }),
    new pulumi.RunError(
      'Image "refused": imageCredentials cannot be used beside the platform\'s own provider, got "registry.example.com". Put registryAuth into that provider, and take imageCredentials out.',
    ),
  );
});

test("a public port belongs to one forwarder, which is replaced by stopping it first", async () => {
  const registry = new Registry("found", { platform, kind: "etcd" });
  const users = new Microservice("users", { platform, registry, image: IMAGE, ports: [{ port: 1 }] });
  const routes = [{ path: "/", to: users }];
  const gateway = new Gateway("edge", { platform, registry, routes, port: 80, replicas: 2 });
  await settled();
  assert.equal(await known(gateway.url), "http://127.0.0.1:80");
  const { inputs, deleteBeforeReplace, dependsOn } = recorder.one(CONTAINER, "edge-public");
  assert.deepEqual(inputs.ports, [{ internal: 80, external: 80, ip: "0.0.0.0" }]);
  assert.equal(deleteBeforeReplace, true);
  const command = inputs.command as string[];
  assert.deepEqual(command.slice(0, 3), ["forward", "--route", "0.0.0.0:80=tcp:edge:http"]);
  assert.deepEqual(inputs.networksAdvanced, [{ name: "project-shop-dev" }]);
  const waits = names(dependsOn);
  assert(
    ["edge-1", "edge-2", "edge-1-agent-register"].every((part) => waits.includes(part)),
    waits.join(),
  );
});

test("files that several workloads share are written once", () => {
  const writers = recorder.all(CONTAINER).filter(({ name }) => name.startsWith("found-access-files-"));
  assert.equal(writers.length, 1);
  const readers = recorder.all(CONTAINER).filter(({ inputs }) => {
    const volumes = (inputs.volumes ?? []) as { containerPath: string }[];
    return volumes.some(({ containerPath }) => containerPath === "/run/secrets/registry");
  });
  assert.deepEqual(names(readers.map(({ name }) => name)), [
    "edge-1-agent-envoy",
    "edge-1-agent-register",
    "edge-2-agent-envoy",
    "edge-2-agent-register",
    "edge-public",
    writers[0].name,
    "users-1-agent-register",
  ]);
});

test("a range starts its minimum, but at least one, and says once that nothing moves it", async (t) => {
  const warn = t.mock.method(pulumi.log, "warn", async () => {});
  const cooldowns = { scaleInCooldownSeconds: 1, scaleOutCooldownSeconds: 1 };
  const scaling = { min: 0, max: 2, schedules: [], ...cooldowns };
  const { workload } = new Microservice("ranged", { platform, image: IMAGE, replicas: { min: 0, max: 2 } });
  for (const name of ["ranged", "again"]) {
    assert.deepEqual(platform.autoscale(name, scaling, workload, platform), { enforced: false });
  }
  await settled();
  assert.deepEqual(
    warn.mock.calls.map(({ arguments: [message] }) => message),
    [
      'AutoscalingPolicy "ranged": local Docker starts 1 and does not scale yet; so do the other policies of this stack.',
    ],
  );
  assert.equal(workload.replicas.length, 1);
});
