import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import { type ContainerArgs, checkContainer, containerSpec, volumeSpecs } from "./container";

const IMAGE = "registry.example.com/app:1";

function refused(args: ContainerArgs, path = ""): string[] {
  return problemsOf((problems) => checkContainer(problems, path, args, true));
}

test("an image or a build is given, and not both", () => {
  const rule = "image or build must be given, and not both";
  const fix = 'Write build: "services/users".';
  assert.deepEqual(refused({}), [`${rule}, got []. ${fix}`]);
  assert.deepEqual(refused({ image: IMAGE, build: "services/users" }), [
    `${rule}, got ["image","build"]. ${fix}`,
  ]);
  assert.deepEqual(refused({ image: IMAGE }), []);
  assert.deepEqual(refused({ build: { context: "services/users" } }), []);
});

test("an image has a version, a catalogued one is known", () => {
  assert.deepEqual(refused({ image: "catalogue:redis" }), []);
  assert.deepEqual(refused({ image: "catalogue:reddis" }), [
    'image must name an image of the catalogue, got "catalogue:reddis". Write "catalogue:redis".',
  ]);
  assert.deepEqual(refused({ image: "redis" }), [
    'image must name a version, got "redis". Write "redis:<version>" or "redis@sha256:<digest>".',
  ]);
});

test("everything that is wrong is told at once, with the path of the container", () => {
  const args: ContainerArgs = {
    image: IMAGE,
    files: { "etc/a": "x", "/etc/b": { content: "x", mode: "644" }, "/etc/c": "x", "/tmp/d": "x" },
    secretFiles: { "/etc/c": "y", "/": "y", "/data/password": "y" },
    volumes: { Data: { path: "data", sizeMiB: 0 }, more: { path: "/data" } },
    cpuMillicores: 9,
    memoryMiB: 5,
    stopGraceSeconds: 121,
    ulimits: { nofile: { soft: 2, hard: 1 } },
    logRotation: { maxSizeMiB: 0, maxFiles: 101 },
    hardening: { runAsUser: -1 },
    probe: {},
  };
  assert.deepEqual(refused(args, "sidecars[0]"), [
    'sidecars[0].files["etc/a"] must be an absolute path of a file, got "etc/a". Write one like "/etc/app/config.yaml".',
    'sidecars[0].files["/etc/b"].mode must be four octal digits, got "644". Write "0444".',
    'sidecars[0].files["/etc/c"] must not be among secretFiles too, got "/etc/c". Keep one of the two.',
    'sidecars[0].secretFiles["/"] must be an absolute path of a file, got "/". Write one like "/etc/app/config.yaml".',
    'sidecars[0].files["/tmp/d"] must not lie directly in /tmp or a volume, got "/tmp/d". Put it in a folder of its own.',
    'sidecars[0].secretFiles["/data/password"] must not lie directly in /tmp or a volume, got "/data/password". Put it in a folder of its own.',
    'sidecars[0].volumes.Data must be lower-case letters, digits and dashes, starting with a letter, got "Data". Write "data".',
    'sidecars[0].volumes.Data.path must be an absolute path other than "/", got "data". Write one like "/var/lib/app".',
    "sidecars[0].volumes.Data.sizeMiB must be a whole number from 1 to 1048576 MiB, got 0. Write 1.",
    "sidecars[0].cpuMillicores must be a whole number from 10 to 128000 millicores, got 9. Write 10.",
    "sidecars[0].memoryMiB must be a whole number from 6 to 1048576 MiB, got 5. Write 6.",
    "sidecars[0].stopGraceSeconds must be a whole number from 0 to 120 seconds, got 121. Write 120.",
    "sidecars[0].ulimits.nofile.soft must not exceed hard, got 2. Write 1.",
    "sidecars[0].logRotation.maxSizeMiB must be a whole number from 1 to 10240 MiB, got 0. Write 1.",
    "sidecars[0].logRotation.maxFiles must be a whole number from 1 to 100, got 101. Write 100.",
    "sidecars[0].hardening.runAsUser must be a whole number from 0 to 65535, got -1. Write 0.",
    'sidecars[0].probe must have exactly one of http, grpc, tcp, exec, got []. Write { http: { path: "/healthz" } }.',
  ]);
});

test("no mount lies in another one, or in the agent's", () => {
  const args: ContainerArgs = {
    image: IMAGE,
    files: { "/etc/app/a": "x", "/etc/app/b": "x", "/etc/application/c": "x", "/.flotilla/agent": "x" },
    secretFiles: { "/etc/app/sub/b": "y", "/data/keys/k": "y" },
    volumes: { data: { path: "/data" }, more: { path: "/etc/app/more" }, again: { path: "/data" } },
  };
  const rule = (outer: string) => `must not lie in ${outer}, which is mounted as a whole`;
  const fix = "Write a path beside it.";
  assert.deepEqual(refused(args), [
    `files["/.flotilla/agent"] ${rule("/.flotilla")}, got "/.flotilla". ${fix}`,
    `secretFiles["/etc/app/sub/b"] ${rule("/etc/app")}, got "/etc/app/sub". ${fix}`,
    `secretFiles["/data/keys/k"] ${rule("/data")}, got "/data/keys". ${fix}`,
    `volumes.more.path ${rule("/etc/app")}, got "/etc/app/more". ${fix}`,
    'volumes.again.path must not repeat an earlier one, got "/data". Write another path.',
  ]);
});

test("limits are those of setrlimit, and not negative", () => {
  const ulimits = { files: { soft: 1, hard: 1 }, nofile: { soft: -1, hard: 1 } };
  assert.deepEqual(refused({ image: IMAGE, ulimits }), [
    'ulimits.files is no limit of setrlimit, got "files". Known are core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack.',
    "ulimits.nofile.soft must be a whole number from 0 to 9007199254740991, got -1. Write 0.",
  ]);
});

test("defaults are filled in", () => {
  assert.deepEqual(containerSpec("main", IMAGE, {}, undefined), {
    name: "main",
    image: IMAGE,
    entrypoint: undefined,
    command: undefined,
    environment: {},
    files: [],
    bundles: [],
    mounts: [],
    resources: { cpuMillicores: 500, memoryMiB: 256 },
    ulimits: [],
    hardening: {
      runAsUser: 65532,
      readOnlyRootFilesystem: true,
      addCapabilities: [],
      allowPrivilegeEscalation: false,
      seccompProfile: "default",
    },
    probe: undefined,
    stopGraceSeconds: 30,
    restart: "always",
    logRotation: { maxSizeMiB: 10, maxFiles: 3 },
  });
});

test("given values are kept, files keep their kind", () => {
  const args: ContainerArgs = {
    entrypoint: ["/app"],
    command: ["serve"],
    environment: { LEVEL: "info" },
    files: { "/etc/a": "plain", "/etc/b": { content: "whole", mode: "0400", live: true } },
    secretFiles: { "/run/secrets/c": "hidden" },
    volumes: { data: { path: "/data", readOnly: true }, cache: { path: "/cache" } },
    cpuMillicores: 10,
    memoryMiB: 6,
    ulimits: { nofile: { soft: 1, hard: 2 } },
    probe: { tcp: {} },
    stopGraceSeconds: 0,
    restart: "never",
    logRotation: { maxSizeMiB: 1, maxFiles: 1 },
  };
  const spec = containerSpec("main", IMAGE, args, 8080);
  assert.deepEqual(spec.files, [
    { path: "/etc/a", content: "plain", mode: "0444", secret: false, live: false },
    { path: "/etc/b", content: "whole", mode: "0400", secret: false, live: true },
    { path: "/run/secrets/c", content: "hidden", mode: "0444", secret: true, live: false },
  ]);
  assert.deepEqual(spec.mounts, [
    { volume: "data", path: "/data", readOnly: true },
    { volume: "cache", path: "/cache", readOnly: false },
  ]);
  assert.deepEqual(spec.ulimits, [{ name: "nofile", soft: 1, hard: 2 }]);
  assert.deepEqual(spec.resources, { cpuMillicores: 10, memoryMiB: 6 });
  assert.deepEqual(spec.logRotation, { maxSizeMiB: 1, maxFiles: 1 });
  const { entrypoint, command, environment, stopGraceSeconds, restart, probe } = spec;
  assert.deepEqual([entrypoint, command, environment], [["/app"], ["serve"], { LEVEL: "info" }]);
  assert.deepEqual([stopGraceSeconds, restart], [0, "never"]);
  assert.deepEqual(probe && "tcp" in probe && probe.tcp, { port: 8080 });
});

test("a volume of several containers is one, and what one of them says holds", () => {
  const writes: ContainerArgs = { volumes: { data: { path: "/data", kind: "persistent", sizeMiB: 512 } } };
  const reads: ContainerArgs = {
    volumes: { data: { path: "/in", readOnly: true }, scratch: { path: "/scratch" } },
  };
  const data = { name: "data", kind: "persistent", sizeMiB: 512 };
  const scratch = { name: "scratch", kind: "ephemeral", sizeMiB: 64 };
  assert.deepEqual(volumeSpecs([writes, reads]), [data, scratch]);
  assert.deepEqual(volumeSpecs([reads, writes]), [data, scratch]);
});

test("only a volume in memory has a size that nobody asked for", () => {
  const volumes = { kept: { path: "/kept", kind: "persistent" }, scratch: { path: "/scratch" } } as const;
  assert.deepEqual(volumeSpecs([{ volumes }]), [
    { name: "kept", kind: "persistent", sizeMiB: undefined },
    { name: "scratch", kind: "ephemeral", sizeMiB: 64 },
  ]);
});
