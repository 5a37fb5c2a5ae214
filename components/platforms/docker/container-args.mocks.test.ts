import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { known } from "../../../tests/recorder";
import { type ContainerArgs, containerSpec } from "../../container";
import { agentMount, containerArgs, runToEndArgs } from "./container-args";
import type { DockerHost } from "./host";

function dockerArgs(args: ContainerArgs = {}) {
  return containerArgs(containerSpec("main", "app:1", args, 8080));
}

test("a container without a word is hardened, limited and rotates its log", () => {
  assert.deepEqual(dockerArgs(), {
    image: "app:1",
    entrypoints: undefined,
    command: undefined,
    envs: [],
    user: "65532:65532",
    readOnly: true,
    tmpfs: { "/tmp": "nosuid,nodev,size=64m,mode=1777" },
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    memory: 256,
    memorySwap: 256,
    cpuPeriod: 100_000,
    cpuQuota: 50_000,
    ulimits: undefined,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    restart: "unless-stopped",
    stopTimeout: 30,
    destroyGraceSeconds: 30,
    healthcheck: undefined,
    wait: false,
    waitTimeout: undefined,
  });
});

test("each opt-out changes its own field only", () => {
  const strict = dockerArgs();
  const optOuts: [ContainerArgs["hardening"], object][] = [
    [{ runAsUser: 0 }, { user: "0:0" }],
    [{ writableRootFilesystem: true }, { readOnly: false }],
    [{ addCapabilities: ["CHOWN"] }, { capabilities: { drops: ["ALL"], adds: ["CHOWN"] } }],
    [{ allowPrivilegeEscalation: true }, { securityOpts: [] }],
    [{ seccompProfile: "unconfined" }, { securityOpts: ["no-new-privileges:true", "seccomp=unconfined"] }],
    [{ seccompProfile: "{}" }, { securityOpts: ["no-new-privileges:true", "seccomp={}"] }],
  ];
  for (const [hardening, changed] of optOuts) {
    assert.deepEqual(dockerArgs({ hardening }), { ...strict, ...changed }, JSON.stringify(hardening));
  }
});

test("what is asked for reaches Docker in its own units", async () => {
  const args = dockerArgs({
    entrypoint: ["/app"],
    command: ["serve"],
    environment: { LEVEL: "info", TOKEN: pulumi.secret("hidden") },
    memoryMiB: 512,
    ulimits: { nofile: { soft: 1, hard: 2 } },
    stopGraceSeconds: 0,
    logRotation: { maxSizeMiB: 1, maxFiles: 2 },
  });
  const { entrypoints, command, memory, memorySwap, ulimits, logOpts } = args;
  assert.deepEqual([entrypoints, command], [["/app"], ["serve"]]);
  assert.deepEqual([memory, memorySwap], [512, 512]);
  assert.deepEqual(ulimits, [{ name: "nofile", soft: 1, hard: 2 }]);
  assert.deepEqual(logOpts, { "max-size": "1m", "max-file": "2" });
  assert.deepEqual([args.stopTimeout, args.destroyGraceSeconds], [0, 0]);
  const envs = pulumi.output(args.envs as pulumi.Input<string>[]);
  assert.deepEqual(await known(envs), ["LEVEL=info", "TOKEN=hidden"]);
  assert.equal(await pulumi.isSecret(envs), true);
});

test("every millicore counts, as whole microseconds", () => {
  const quotas = [10, 70, 1100, 128000].map((cpuMillicores) => dockerArgs({ cpuMillicores }).cpuQuota);
  assert.deepEqual(quotas, [1000, 7000, 110_000, 12_800_000]);
});

test("the agent's binary is mounted read-only", () => {
  const host = { agentVolume: "agent-volume" } as DockerHost;
  const mount = { volumeName: "agent-volume", containerPath: "/.flotilla", readOnly: true };
  assert.deepEqual(agentMount(host), [mount]);
});

test("a process that ends by itself is treated as asked", () => {
  const restarts = (["always", "on-failure", "never"] as const).map(
    (restart) => dockerArgs({ restart }).restart,
  );
  assert.deepEqual(restarts, ["unless-stopped", "on-failure", "no"]);
});

test("a volume at /tmp takes the place of the memory there", () => {
  assert.equal(dockerArgs({ volumes: { scratch: { path: "/tmp" } } }).tmpfs, undefined);
});

test("network probes run the agent's binary, which gives up before Docker does", () => {
  const { healthcheck, wait, waitTimeout } = dockerArgs({ probe: { http: { path: "/readyz" } } });
  assert.deepEqual(healthcheck, {
    tests: ["CMD", "/.flotilla/agent", "probe", "--timeout", "2s", "http://127.0.0.1:8080/readyz"],
    interval: "5s",
    timeout: "3s",
    retries: 3,
    startPeriod: "0s",
  });
  assert.deepEqual([wait, waitTimeout], [true, 60]);
});

test("a command probe runs in the container as it is", () => {
  const probe = { exec: { command: ["/check", "now"] }, timeoutSeconds: 60, startPeriodSeconds: 90 };
  const { healthcheck } = dockerArgs({ probe });
  assert.deepEqual(healthcheck, {
    tests: ["CMD", "/check", "now"],
    interval: "5s",
    timeout: "1m0s",
    retries: 3,
    startPeriod: "1m30s",
  });
});

test("a rollout waits longer than the probe may take to fail, or not at all when told so", () => {
  const probe = { tcp: {}, startPeriodSeconds: 100, intervalSeconds: 10, timeoutSeconds: 5, retries: 4 };
  assert.equal(dockerArgs({ probe }).waitTimeout, 100 + 10 * 4 + 5 + 10);
  const spec = containerSpec("main", "app:1", { probe }, 8080);
  const { wait, waitTimeout, healthcheck } = containerArgs({ ...spec, awaitHealthy: false });
  assert.deepEqual([wait, waitTimeout], [false, undefined]);
  assert.notEqual(healthcheck, undefined);
});

test("a container that runs to its end is attached to, never restarted and not probed", () => {
  const spec = containerSpec("migrate", "app:1", { probe: { tcp: {} } }, 8080);
  const { attach, logs, mustRun, restart, healthcheck, wait } = runToEndArgs(spec);
  assert.deepEqual(
    [attach, logs, mustRun, restart, healthcheck, wait],
    [true, true, false, "no", undefined, false],
  );
});
