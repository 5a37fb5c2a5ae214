import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import { checkMicroservice } from "./check-microservice";
import type { MicroserviceArgs } from "./microservice";
import type { Registry } from "./registry";

const IMAGE = "registry.example.com/app:1";
const REGISTRY = {} as Registry;

function refused(args: Omit<MicroserviceArgs, "platform">): string[] {
  return problemsOf((problems) => checkMicroservice(problems, args));
}

test("a full and good description is accepted", () => {
  const volumes = { data: { path: "/data" } };
  assert.deepEqual(
    refused({
      image: IMAGE,
      registry: REGISTRY,
      ports: [{ port: 8080 }, { port: 9090, name: "admin", protocol: "grpc" }],
      replicas: { min: 1, max: 1000 },
      calls: ["users", { service: "orders", port: "admin" }, "orders"],
      volumes: { data: { path: "/data", kind: "persistent" } },
      sidecars: [{ name: "exporter", image: IMAGE, volumes, probe: { tcp: {} } }],
      initContainers: [{ name: "fill", image: IMAGE, volumes }],
      tasks: [{ name: "migrate", image: IMAGE }],
    }),
    [],
  );
});

test("ports have a number of their own range and a name from the second on", () => {
  assert.deepEqual(
    refused({ image: IMAGE, ports: [{ port: 0 }, { port: 15001 }, { port: 9090, name: "http" }] }),
    [
      "ports[0].port must be a whole number from 1 to 65535, got 0. Write 1.",
      "ports[1].port must not be one of the agent's ports (15000 to 15099), got 15001. Write 8080.",
      'ports[1].name is needed from the second port on, got nothing. Write name: "admin".',
      'ports[2].name must not repeat an earlier one, got "http". Give it another name.',
    ],
  );
  assert.deepEqual(refused({ image: IMAGE, ports: [{ port: 1, name: "Web" }] }), [
    'ports[0].name must be lower-case letters, digits and dashes, starting with a letter, got "Web". Write "web".',
  ]);
  const twice = [{ port: 80 }, { port: 80, name: "admin" }];
  assert.deepEqual(refused({ image: IMAGE, ports: twice }), [
    "ports[1].port must not repeat an earlier one, got 80. Write another port.",
  ]);
});

test("metadata are what every kind of registry takes, and a weight is one", () => {
  const metadata = { version: "2", zone: "a", weight: "128" };
  assert.deepEqual(refused({ image: IMAGE, metadata }), []);
  assert.deepEqual(refused({ image: IMAGE, metadata: { "a.b": "1", weight: "129" } }), [
    'metadata["a.b"] must have a name of at most 64 letters, digits, dashes and underscores, got "a.b". Give it another name.',
    'metadata.weight must be a whole number from 1 to 128, as text, got "129". Write "10".',
  ]);
  const [told, ...others] = refused({ image: IMAGE, metadata: { note: "x".repeat(513) } });
  assert.match(told, /^metadata\.note must be at most 512 bytes, got /);
  assert.deepEqual(others, []);
});

test("replicas are 1 to 1000, in a range that is one", () => {
  const within = "must be a whole number from 1 to 1000 replicas";
  assert.deepEqual(refused({ image: IMAGE, replicas: 0 }), [`replicas ${within}, got 0. Write 1.`]);
  assert.deepEqual(refused({ image: IMAGE, replicas: { min: 0, max: 1 } }), []);
  assert.deepEqual(refused({ image: IMAGE, replicas: { min: -1, max: 1001 } }), [
    "replicas.min must be a whole number from 0 to 1000 replicas, got -1. Write 0.",
    `replicas.max ${within}, got 1001. Write 1000.`,
  ]);
  assert.deepEqual(refused({ image: IMAGE, replicas: { min: 3, max: 2 } }), [
    "replicas.min must not exceed replicas.max (2), got 3. Write 2.",
  ]);
});

test("calls need a registry, good names, and each service once", () => {
  assert.deepEqual(refused({ image: IMAGE, calls: ["orders"] }), [
    'calls need a registry to find the services, got ["orders"]. Pass registry.',
  ]);
  const calls = ["Orders", "users", { service: "users" }, { service: "users", port: "admin" }];
  assert.deepEqual(refused({ image: IMAGE, registry: REGISTRY, calls }), [
    'calls[0].service must be lower-case letters, digits and dashes, starting with a letter, got "Orders". Write "orders".',
    'calls[2] must not repeat an earlier one, got "users". Give it another name.',
  ]);
  const many = Array.from({ length: 98 }, (_, index) => `s${index}`);
  assert.deepEqual(refused({ image: IMAGE, registry: REGISTRY, calls: many.slice(1) }), []);
  assert.deepEqual(refused({ image: IMAGE, registry: REGISTRY, calls: many }), [
    "calls must name at most 97 services, got 98. Split the service.",
  ]);
});

test("containers beside the main one have names of their own and obey the same rules", () => {
  const args = {
    image: IMAGE,
    sidecars: [
      { name: "main", image: IMAGE },
      { name: "agent-x", image: IMAGE },
    ],
    initContainers: [{ name: "fill", image: "busybox" }],
    tasks: [
      { name: "fill", image: IMAGE },
      { name: "sandbox", image: IMAGE },
    ],
  };
  const own = "must not be main, sandbox or start with agent-";
  assert.deepEqual(refused(args), [
    `sidecars[0].name ${own}, got "main". Give it another name.`,
    `sidecars[1].name ${own}, got "agent-x". Give it another name.`,
    'initContainers[0].image must name a version, got "busybox". Write "busybox:<version>" or "busybox@sha256:<digest>".',
    `tasks[1].name ${own}, got "sandbox". Give it another name.`,
    'tasks[0].name must not repeat an earlier one, got "fill". Give it another name.',
  ]);
});

test("what runs to its end is neither probed nor restarted", () => {
  const container = { image: IMAGE, probe: { tcp: {} }, restart: "never" } as const;
  const args = {
    image: IMAGE,
    ports: [{ port: 8080 }],
    initContainers: [{ ...container, name: "fill" }],
    tasks: [{ ...container, name: "migrate" }],
  };
  const rule = "must not be given, as the container runs to its end once";
  assert.deepEqual(refused(args), [
    `initContainers[0].probe ${rule}, got {"tcp":{}}. Take it out.`,
    `initContainers[0].restart ${rule}, got "never". Take it out.`,
    `tasks[0].probe ${rule}, got {"tcp":{}}. Take it out.`,
    `tasks[0].restart ${rule}, got "never". Take it out.`,
  ]);
});

test("volumes are said once, and tasks have none", () => {
  const args: Omit<MicroserviceArgs, "platform"> = {
    image: IMAGE,
    volumes: { data: { path: "/data", kind: "persistent" } },
    sidecars: [
      { name: "a", image: IMAGE, volumes: { data: { path: "/in", kind: "ephemeral", sizeMiB: 1 } } },
    ],
    initContainers: [{ name: "b", image: IMAGE, volumes: { data: { path: "/in", sizeMiB: 2 } } }],
    tasks: [{ name: "c", image: IMAGE, volumes: { data: { path: "/in" } } }],
  };
  const rule = "must not contradict an earlier container";
  assert.deepEqual(refused(args), [
    'tasks[0].volumes must not be given, as a task belongs to no replica, got ["data"]. Take them out; /tmp is writable.',
    `sidecars[0].volumes.data.kind ${rule}, got "ephemeral". Write "persistent", or nothing.`,
    `initContainers[0].volumes.data.sizeMiB ${rule}, got 2. Write 1, or nothing.`,
  ]);
});

test("the main container and everything else are told at once", () => {
  assert.deepEqual(refused({ replicas: 0 }), [
    'image or build must be given, and not both, got []. Write build: "services/users".',
    "replicas must be a whole number from 1 to 1000 replicas, got 0. Write 1.",
  ]);
});
