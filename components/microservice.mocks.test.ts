import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { known, Recorder, revealed, settled } from "../tests/recorder";
import { Microservice } from "./microservice";
import { Registry } from "./registry";

const recorder = new Recorder();
const IMAGE = "registry.example.com/app:1";

test("refused arguments are told all at once, before anything is registered", async () => {
  const platform = new FakePlatform();
  assert.throws(
    () => new Microservice("Users", { platform, replicas: 0, memoryMiB: 1 }),
    (error) => {
      assert(pulumi.RunError.isInstance(error));
      assert.deepEqual(error.message.split("\n"), [
        'Microservice "Users": name must be lower-case letters, digits and dashes, starting with a letter, got "Users". Write "users".',
        'Microservice "Users": image or build must be given, and not both, got []. Write build: "services/users".',
        'Microservice "Users": memoryMiB must be a whole number from 6 to 1048576 MiB, got 1. Write 6.',
        'Microservice "Users": replicas must be a whole number from 1 to 1000 replicas, got 0. Write 1.',
      ]);
      return true;
    },
  );
  await settled();
  assert.deepEqual(recorder.all("flotilla:index:Microservice"), []);
  assert.deepEqual(platform.running, []);
});

test("the smallest service is one replica of one container, registered nowhere", async () => {
  const platform = new FakePlatform();
  const service = new Microservice("small", { platform, image: IMAGE });
  const { main, ...spec } = service.workload.spec;
  assert.deepEqual(spec, {
    lifetime: "service",
    sidecars: [],
    init: [],
    tasks: [],
    ports: [],
    volumes: [],
    replicas: 1,
    rollout: "rolling",
    startAfter: [],
    drainSeconds: 0,
    admits: "callers",
    platformCredentials: false,
  });
  assert.deepEqual([main.name, main.image, main.environment], ["main", IMAGE, {}]);
  assert.deepEqual(platform.pulls, [{ name: "small", reference: IMAGE, credentials: undefined }]);
  assert.equal(await known(service.image), IMAGE);
  assert.equal(service.serviceName, "small");
  await settled();
  assert.equal(
    recorder.one("test:index:Workload", "small").parent.split("::")[2],
    "flotilla:index:Microservice",
  );
});

test("a build, a catalogued image and a private one reach the platform", () => {
  const platform = new FakePlatform();
  const imageCredentials = { address: "registry.example.com", username: "me", password: "p" };
  new Microservice("built", { platform, build: "services/users" });
  const build = {
    context: "components/agent",
    dockerfile: "go.mod",
    args: { A: "1" },
    target: "t",
    platform: "linux/arm64",
  };
  new Microservice("whole", { platform, build });
  new Microservice("listed", { platform, image: "catalogue:redis" });
  new Microservice("private", { platform, image: IMAGE, imageCredentials });
  assert.deepEqual(platform.images, [
    { name: "built", build: { context: "services/users", dockerfile: "Dockerfile", args: {} } },
    { name: "whole", build },
  ]);
  assert.deepEqual(platform.pulls, [
    { name: "listed", reference: "catalogue/redis:1", credentials: undefined },
    { name: "private", reference: IMAGE, credentials: imageCredentials },
  ]);
});

test("a full service: agents around the main container, volumes shared, everything in its place", () => {
  const platform = new FakePlatform();
  const registry = new Registry("native-full", { platform, kind: "native" });
  const first = new Microservice("first", { platform, image: IMAGE });
  const { spec } = new Microservice("full", {
    platform,
    registry,
    image: IMAGE,
    ports: [{ port: 8080 }, { port: 9090, name: "admin", protocol: "grpc", scheme: "h2c" }],
    replicas: { min: 2, max: 4 },
    probe: { http: { path: "/readyz" }, intervalSeconds: 2, retries: 4, startPeriodSeconds: 10 },
    environment: { LEVEL: "info", USERS_URL: "http://elsewhere" },
    calls: ["users", "order-items", { service: "users", port: "admin", protocol: "grpc" }],
    startAfter: [first],
    sidecars: [
      { name: "early", image: IMAGE },
      { name: "late", image: IMAGE, order: "after", environment: { USERS_URL: "http://other" } },
    ],
    initContainers: [{ name: "fill", image: IMAGE, volumes: { data: { path: "/fill" } } }],
    tasks: [{ name: "migrate", image: IMAGE }],
    volumes: { data: { path: "/data", kind: "persistent", sizeMiB: 128 } },
    metadata: { version: "2" },
  }).workload;
  assert.deepEqual(spec.main.environment, {
    PORT: "8080",
    USERS_URL: "http://elsewhere",
    ORDER_ITEMS_URL: "http://127.0.0.1:15002",
    USERS_ADMIN_URL: "grpc://127.0.0.1:15003",
    FLOTILLA_LOOKUP_URL: "http://127.0.0.1:15099",
    LEVEL: "info",
  });
  assert.deepEqual(spec.ports, [
    { name: "http", port: 8080, protocol: "http", scheme: "http" },
    { name: "admin", port: 9090, protocol: "grpc", scheme: "h2c" },
  ]);
  assert.deepEqual(
    spec.sidecars.map(({ name, order }) => [name, order]),
    [
      ["agent-forward", "before"],
      ["early", "before"],
      ["late", "after"],
      ["agent-register", "after"],
    ],
  );
  const [forward, early, late, register] = spec.sidecars;
  const { PORT: _port, LEVEL: _level, ...urls } = spec.main.environment;
  assert.deepEqual(early.environment, { ...urls, USERS_URL: "http://127.0.0.1:15001" });
  assert.deepEqual(late.environment, { ...urls, USERS_URL: "http://other" });
  assert.deepEqual(spec.init[0].environment, {});
  assert.deepEqual(forward.command, [
    ...["forward", "--route", "127.0.0.1:15001=http:users", "--route", "127.0.0.1:15002=http:order-items"],
    ...["--route", "127.0.0.1:15003=grpc:users:admin", "--lookup-listen", "127.0.0.1:15099"],
    ...["--registry", "native"],
  ]);
  assert.deepEqual(register.command, [
    ...["register", "--service", "full", "--port", "http=8080/http", "--port", "admin=9090/grpc"],
    ...["--metadata", "version=2", "--probe", "http://127.0.0.1:8080/readyz"],
    ...["--probe-interval", "2s", "--probe-timeout", "2s", "--probe-retries", "4"],
    ...["--drain", "3s", "--ready-listen", ":15000", "--registry", "native"],
  ]);
  for (const agent of [forward, register]) {
    assert.deepEqual([agent.image, agent.entrypoint], ["agent:1", ["/agent"]]);
    assert.deepEqual(agent.resources, { cpuMillicores: 500, memoryMiB: 64 });
  }
  // The register agent is given the time that the main container may take: 45 + 10 + 2 × 4.
  assert.equal(register.probe?.startPeriodSeconds, 63);
  assert.deepEqual(
    [...spec.init, ...spec.tasks].map(({ name }) => name),
    ["fill", "migrate"],
  );
  assert.deepEqual(spec.volumes, [{ name: "data", kind: "persistent", sizeMiB: 128 }]);
  assert.equal(spec.rollout, "recreate");
  assert.deepEqual(spec.replicas, { min: 2, max: 4 });
  assert.deepEqual(spec.startAfter, [first, registry]);
  assert.deepEqual(platform.connections, [
    { from: "full", to: "users", port: undefined },
    { from: "full", to: "order-items", port: undefined },
    { from: "full", to: "users", port: "admin" },
  ]);
});

test("a rollout waits for the register agent in place of the main container, unless only that can ask", () => {
  const platform = new FakePlatform();
  const registry = new Registry("native-wait", { platform, kind: "native" });
  const awaited = (name: string, probe: Record<string, object>, port = true): unknown => {
    const ports = port ? [{ port: 8080 }] : [];
    const args = { platform, registry, image: IMAGE, ports, probe };
    return new Microservice(name, args).workload.spec.main.awaitHealthy;
  };
  assert.equal(awaited("asked-by-http", { tcp: {} }), false);
  assert.equal(awaited("asked-by-command", { exec: { command: ["/check"] } }), true);
  assert.equal(awaited("not-found", { exec: { command: ["/check"] } }, false), undefined);
});

test("a service with ports is asked by a connection to the first one, unless told otherwise", () => {
  const platform = new FakePlatform();
  const probeOf = (name: string, ports: number[]): unknown =>
    new Microservice(name, { platform, image: IMAGE, ports }).workload.spec.main.probe;
  assert.deepEqual(probeOf("listening", [8080]), {
    tcp: { port: 8080 },
    intervalSeconds: 5,
    timeoutSeconds: 2,
    retries: 3,
    startPeriodSeconds: 0,
  });
  assert.equal(probeOf("quiet", []), undefined);
});

test("a command has no URL, so the register agent asks the first port itself", () => {
  const platform = new FakePlatform();
  const registry = new Registry("native-exec", { platform, kind: "native" });
  const probe = { exec: { command: ["/check"] } };
  const { spec } = new Microservice("by-command", {
    platform,
    registry,
    image: IMAGE,
    ports: [{ port: 1 }],
    probe,
  }).workload;
  assert.equal(spec.sidecars[0].command?.includes("--probe"), false);
});

test("secret files and files given as Outputs keep their content to themselves", async () => {
  const platform = new FakePlatform();
  const content = pulumi.secret("hidden");
  const { spec } = new Microservice("with-files", {
    platform,
    image: IMAGE,
    files: { "/etc/app/a": pulumi.output("text") },
    secretFiles: { "/run/secrets/b": content },
  }).workload;
  const [file, secret] = spec.main.files;
  assert.equal(await known(pulumi.output(file.content)), "text");
  assert.deepEqual([file.secret, secret.secret], [false, true]);
  assert.equal(secret.content, content);
});

test("a registry of kind etcd is a dependency, and its access files reach the agents", async () => {
  const platform = new FakePlatform();
  const registry = new Registry("etcd-service", { platform, kind: "etcd" });
  const args = { platform, registry, image: IMAGE, ports: [{ port: 1 }], calls: ["other"] };
  const { spec } = new Microservice("found", args).workload;
  for (const agent of spec.sidecars) {
    assert.deepEqual(
      agent.bundles.map(({ name }) => name),
      ["etcd-service-access"],
    );
  }
  await settled();
  const key = recorder.one("tls:index/certRequest:CertRequest", "etcd-service-request").inputs.privateKeyPem;
  assert.equal(revealed(key), "key-of-etcd-service-server-key");
});
