import assert from "node:assert/strict";
import { test } from "node:test";
import type { MicroserviceArgs, RouteArgs, ScalingMetrics } from "../components";
import { registryKinds } from "../components/registries";
import { problemsOf } from "../tests/problems-of";
import type { Architecture, ArchitectureInput, ServiceDescription } from "./architecture";
import { checkArchitecture } from "./check-architecture";
import { parseArchitecture } from "./parse-architecture";

const IMAGE = "registry.example.com/app:1";
const service = { image: IMAGE, ports: [{ port: 8080 }] };

function described(more: Partial<ArchitectureInput> = {}): ArchitectureInput {
  const routes = [{ path: "/", to: "users" }];
  return {
    name: "edge",
    registry: { kind: "native" },
    services: { users: service },
    gateway: { routes },
    ...more,
  };
}

/** The sentences with which a description is refused, without the file's name. */
function refused(input: unknown): string[] {
  try {
    parseArchitecture(input, "shop.ts");
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.replace(/^shop\.ts: /, ""));
  }
  return [];
}

const withServices = (services: ArchitectureInput["services"]): string[] =>
  refused(described({ services: { users: service, ...services } }));

test("a good description is accepted, with the defaults of secrets filled in", () => {
  assert.deepEqual(refused(described()), []);
  const { secrets } = parseArchitecture(described({ secrets: { key: {} } }), "shop.ts");
  assert.deepEqual(secrets, { key: { kind: "password", output: false } });
});

test("a wrong shape is told with the path and the value, all of it at once", () => {
  const input = {
    ...described(),
    registry: { kind: "ectd" },
    services: { users: { ...service, memoryMib: 1, ports: [{ port: "8080" }] } },
    secrets: { key: { length: 3 } },
  };
  assert.deepEqual(refused(input), [
    `registry.kind must be one of ${Object.keys(registryKinds).join(", ")}, got "ectd". Write "etcd".`,
    "secrets.key.length must be at least 12, got 3. Write 12.",
    'services.users.ports[0].port must be a number, got "8080". Write 8080.',
    "services.users.memoryMib is no known field, got 1. Write memoryMiB.",
    "services.users.memoryMiB must be a whole number from 6 to 1048576 MiB, got 1. Write 6.",
  ]);
  assert.deepEqual(refused(null), [
    "the description must be an object, got null. Write an object, such as {}.",
  ]);
});

test("the classes' own rules are told with the path in the description", () => {
  assert.deepEqual(withServices({ Orders: { memoryMiB: 1, replicas: 0 } }), [
    'services.Orders must be lower-case letters, digits and dashes, starting with a letter, got "Orders". Write "orders".',
    'services.Orders.image or build must be given, and not both, got []. Write build: "services/users".',
    "services.Orders.memoryMiB must be a whole number from 6 to 1048576 MiB, got 1. Write 6.",
    "services.Orders.replicas must be a whole number from 1 to 1000 replicas, got 0. Write 1.",
  ]);
});

test("calls name services that listen, by a port that they have", () => {
  const others = {
    quiet: { image: IMAGE },
    many: { image: IMAGE, ports: [{ port: 1 }, { port: 2, name: "admin" }] },
  };
  const calls = ["user", "quiet", "many:admin", "many:http", "many:debug", "caller"];
  const caller = { ...service, calls };
  assert.deepEqual(withServices({ ...others, caller }), [
    'services.caller.calls[0] must name a service of this architecture, got "user". Write "users".',
    'services.caller.calls[1] must name a service with ports, got "quiet". Give services.quiet a port.',
    'services.caller.calls[4] must name a port of many, got "many:debug". Known are http, admin.',
  ]);
});

test("startAfter names services and goes in no circle", () => {
  const after = (...startAfter: string[]) => ({ ...service, startAfter });
  assert.deepEqual(withServices({ a: after("nobody") }), [
    'services.a.startAfter[0] must name a service of this architecture, got "nobody". Known are users, a.',
  ]);
  const fix = "Take one of them out; use calls instead.";
  assert.deepEqual(withServices({ a: after("b"), b: after("c"), c: after("a", "users"), d: after("d") }), [
    `services.a.startAfter must not go in a circle, got "a → b → c → a". ${fix}`,
    `services.d.startAfter must not go in a circle, got "d → d". ${fix}`,
  ]);
});

test("autoscaling needs a metric and a range of replicas", () => {
  const range = { ...service, replicas: { min: 1, max: 2 } };
  assert.deepEqual(withServices({ a: { ...range, autoscaling: { cpuPercent: 60 } } }), []);
  assert.deepEqual(withServices({ a: { ...service, replicas: 2, autoscaling: {} } }), [
    "services.a.autoscaling.cpuPercent or memoryPercent or requestsPerSecond or queue or schedules must be given, got nothing. Write cpuPercent: 60.",
    "services.a.replicas must be a range beside autoscaling, got 2. Write replicas: { min: 2, max: 10 }.",
  ]);
});

test("a service goes to zero only where a queue or a schedule starts it again", () => {
  const zero = { ...service, replicas: { min: 0, max: 2 } };
  const night = { start: "0 8 * * *", end: "0 18 * * *", min: 1 };
  const rule = "must not be 0 without a queue or schedules, as nothing else starts the first replica";
  assert.deepEqual(withServices({ a: { ...zero, autoscaling: { schedules: [night] } } }), []);
  assert.deepEqual(withServices({ a: zero, b: { ...zero, autoscaling: { cpuPercent: 60 } } }), [
    `services.a.replicas.min ${rule}, got 0. Write 1.`,
    `services.b.replicas.min ${rule}, got 0. Write 1.`,
  ]);
});

test("a queue is held by a service of the architecture, which listens there; its password is a known secret", () => {
  const queue = { kind: "redis" as const, service: "redis", name: "orders", backlogPerReplica: 5 };
  const redis = { image: IMAGE, ports: [{ port: 6379, protocol: "tcp" as const }] };
  const worker = (more: object) => ({
    image: IMAGE,
    replicas: { min: 0, max: 2 },
    autoscaling: { queue: { ...queue, ...more } },
  });
  assert.deepEqual(withServices({ redis, worker: worker({}) }), []);
  const at = "services.worker.autoscaling.queue";
  assert.deepEqual(withServices({ redis, worker: worker({ service: "rediss", password: "{{key}}" }) }), [
    `${at}.service must name a service of this architecture, got "rediss". Write "redis".`,
    `${at}.password names an unknown secret, got "key". Add "key": {} to secrets.`,
  ]);
  assert.deepEqual(withServices({ redis, worker: worker({ kind: "amqp" }) }), [
    `${at}.port must be a port of redis, got 5672. Known are 6379.`,
  ]);
  assert.deepEqual(withServices({ redis: { image: IMAGE }, worker: worker({}) }), [
    `${at}.port must be a port of redis, got 6379. Known are none.`,
  ]);
});

test("secrets have good names and are known wherever they are used", () => {
  const secretFiles = { "/run/secrets/a": "user {{ name }} password {{key}} {{Key}}" };
  const beside = { name: "beside", image: IMAGE, secretFiles: { "/run/secrets/b": "{{other}}" } };
  const services = {
    users: { ...service, secretFiles, sidecars: [beside], tasks: [{ ...beside, name: "t" }] },
  };
  const secrets = { key: {}, "Bad key": {} };
  assert.deepEqual(refused(described({ services, secrets })), [
    'secrets["Bad key"] must be lower-case letters, digits and dashes, starting with a letter, got "Bad key". Write "bad-key".',
    'services.users.secretFiles["/run/secrets/a"] names an unknown secret, got "Key". Write "{{key}}".',
    'services.users.sidecars[0].secretFiles["/run/secrets/b"] names an unknown secret, got "other". Add "other": {} to secrets.',
    'services.users.tasks[0].secretFiles["/run/secrets/b"] names an unknown secret, got "other". Add "other": {} to secrets.',
  ]);
});

test("no service takes the name of the registry or the gateway", () => {
  const rule = "must not have the name of the registry or the gateway";
  assert.deepEqual(withServices({ registry: service, edge: service }), [
    `services.registry ${rule}, got "registry". Give it another name.`,
    `services.edge ${rule}, got "edge". Give it another name.`,
  ]);
});

test("the gateway's routes lead to services that speak HTTP, by a port that they have", () => {
  const services = {
    users: service,
    quiet: { image: IMAGE },
    redis: { image: IMAGE, ports: [{ port: 6379, protocol: "tcp" as const }] },
  };
  const routes = [
    { path: "/a", to: "user" },
    { path: "b", to: "quiet" },
    { path: "/c", to: "redis" },
    { path: "/d", to: "users", port: "admin" },
    { path: "/e", to: "users", port: "http" },
  ];
  assert.deepEqual(refused(described({ services, gateway: { routes } })), [
    'gateway.routes[1].path must start with "/", got "b". Write "/b".',
    'gateway.routes[0].to must name a service of this architecture, got "user". Write "users".',
    'gateway.routes[1].to must be a service with ports, got "quiet". Give quiet a port.',
    'gateway.routes[2].to must be a service that speaks http or grpc, got "redis". Give that port of redis protocol "http" or "grpc", or take the route out.',
    'gateway.routes[3].port must name a port of users, got "admin". Known are http.',
  ]);
});

test("problems of all parts are told at once", () => {
  const input = described({ name: "Edge", secrets: { K: {} }, gateway: { routes: [] } });
  const whole = problemsOf((problems) => checkArchitecture(problems, input as Architecture));
  assert.equal(whole.length, 3);
});

// The schema and the interfaces say the same: checked by the compiler, in both directions.

/** What a description says by other means, or not at all. */
type Elsewhere = "platform" | "registry" | "imageCredentials" | "calls" | "startAfter";
type Parsed = Omit<ServiceDescription, "calls" | "startAfter" | "autoscaling" | "extends">;
type Assert<T extends true> = T;
type Covers<A, B> = [Exclude<keyof A, keyof B>] extends [never] ? true : Exclude<keyof A, keyof B>;

export type ParsedServiceFits = Assert<Parsed extends Omit<MicroserviceArgs, Elsewhere> ? true : false>;
export type EveryFieldIsInTheSchema = Assert<Covers<Omit<MicroserviceArgs, Elsewhere>, ServiceDescription>>;
export type NoFieldMoreIsInTheSchema = Assert<Covers<Parsed, MicroserviceArgs>>;
export type EveryMetricIsInTheSchema = Assert<
  Covers<ScalingMetrics, NonNullable<ServiceDescription["autoscaling"]>>
>;
export type ParsedMetricsFit = Assert<
  NonNullable<ServiceDescription["autoscaling"]> extends ScalingMetrics ? true : false
>;
export type EveryRouteFieldIsInTheSchema = Assert<
  Covers<Omit<RouteArgs, "protocol">, Architecture["gateway"]["routes"][number]>
>;
