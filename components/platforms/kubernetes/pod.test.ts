import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContainerArgs, containerSpec } from "../../container";
import type { ContainerSpec, SidecarSpec } from "../../container-spec";
import type { WorkloadSpec } from "../../platform";
import { type PodSetup, replicaPatienceSeconds, replicaPod, taskPod } from "./pod";

function container(name: string, args: ContainerArgs = {}): ContainerSpec {
  return containerSpec(name, `${name}:1`, args, 8080);
}

function sidecar(name: string, order: SidecarSpec["order"], args: ContainerArgs = {}): SidecarSpec {
  return { ...container(name, args), order };
}

function spec(more: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    lifetime: "service",
    main: container("main"),
    sidecars: [],
    init: [],
    ports: [{ name: "http", port: 8080, protocol: "http", scheme: "http" }],
    volumes: [],
    replicas: 1,
    rollout: "rolling",
    startAfter: [],
    tasks: [],
    drainSeconds: 3,
    admits: "callers",
    ...more,
  };
}

/** No container has files. */
function setup({ init, main, sidecars, tasks }: WorkloadSpec): PodSetup {
  const none = { volumes: [], mounts: [], objects: [] };
  const files = new Map([...init, main, ...sidecars, ...tasks].map(({ name }) => [name, none]));
  return { cpuRequestPercent: 10, files, serviceAccount: "users", apiCredentials: false };
}

type Plain = {
  name: string;
  restartPolicy?: string;
  startupProbe?: object;
  readinessProbe?: object;
  lifecycle?: object;
  volumeMounts: object[];
};

/** The parts of a pod, as a test can read them: nothing here is an Output. */
function plain(pod: unknown) {
  const { containers, initContainers = [], ...rest } = pod as Record<string, unknown>;
  return { containers: containers as Plain[], initContainers: initContainers as Plain[], ...rest };
}

function replica(workload: WorkloadSpec) {
  return plain(replicaPod(workload, setup(workload)));
}

test("what every pod has: no token, no variables of other services, a group for its volumes", () => {
  const { containers: _, initContainers, ...rest } = replica(spec());
  assert.deepEqual(rest, {
    serviceAccountName: "users",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      seccompProfile: { type: "RuntimeDefault" },
      fsGroup: 65532,
      fsGroupChangePolicy: "OnRootMismatch",
      sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
    },
    volumes: [{ name: "flotilla-main-tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } }],
    terminationGracePeriodSeconds: 34,
  });
  assert.deepEqual(initContainers, []);
});

test("containers start in the order init, before, main, after; those before stay and are waited for", () => {
  const probe = { http: { path: "/", port: 9000 } };
  const workload = spec({
    init: [container("prepare")],
    sidecars: [
      sidecar("register", "after", { probe }),
      sidecar("quick", "after", { probe: { ...probe, intervalSeconds: 1 } }),
      sidecar("forward", "before", { probe }),
    ],
  });
  const { initContainers, containers } = replica(workload);
  assert.deepEqual(
    [...initContainers, ...containers].map(({ name, restartPolicy, startupProbe, readinessProbe }) => {
      return [name, restartPolicy, startupProbe !== undefined, readinessProbe !== undefined];
    }),
    [
      ["prepare", undefined, false, false],
      ["forward", "Always", true, false],
      ["main", undefined, false, false],
      ["register", undefined, true, true],
      ["quick", undefined, false, true],
    ],
  );
});

test("the main container is asked to stop when callers have noticed; the agent after it is asked at once", () => {
  const workload = spec({ sidecars: [sidecar("register", "after"), sidecar("forward", "before")] });
  const { containers, initContainers } = replica(workload);
  assert.deepEqual(
    [...initContainers, ...containers].map(({ name, lifecycle }) => [name, lifecycle]),
    [
      ["forward", undefined],
      ["main", { preStop: { sleep: { seconds: 4 } } }],
      ["register", undefined],
    ],
  );
});

test("a pod has the time that its containers have: those before the main one stop after it", () => {
  const grace = (workload: WorkloadSpec) =>
    replicaPod(workload, setup(workload)).terminationGracePeriodSeconds;
  const main = container("main", { stopGraceSeconds: 20 });
  const after = sidecar("register", "after", { stopGraceSeconds: 40 });
  const before = ["a", "b"].map((name) => sidecar(name, "before", { stopGraceSeconds: 5 }));
  assert.equal(grace(spec({ main })), 4 + 20);
  assert.equal(grace(spec({ main, sidecars: [after] })), 4 + 40);
  assert.equal(grace(spec({ main, sidecars: [after, ...before] })), 4 + 40 + 10);
  assert.equal(grace(spec({ main, ports: [] })), 20, "nobody calls it, so nobody has to notice");
});

test("each container has a /tmp of its own, unless a volume stands there", () => {
  const workload = spec({
    main: container("main", { volumes: { data: { path: "/tmp" }, kept: { path: "/kept", readOnly: true } } }),
    sidecars: [sidecar("other", "after")],
    volumes: [
      { name: "data", kind: "ephemeral", sizeMiB: 16 },
      { name: "kept", kind: "persistent" },
    ],
  });
  const { containers, volumes } = replica(workload) as ReturnType<typeof replica> & { volumes: object[] };
  assert.deepEqual(volumes, [
    { name: "data", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
    { name: "flotilla-other-tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
  ]);
  assert.deepEqual(
    containers.map(({ volumeMounts }) => volumeMounts),
    [
      [
        { name: "data", mountPath: "/tmp", readOnly: false },
        { name: "kept", mountPath: "/kept", readOnly: true },
      ],
      [{ name: "flotilla-other-tmp", mountPath: "/tmp" }],
    ],
  );
});

test("a task runs once and alone, with nothing of the replica", () => {
  const migrate = container("migrate", { stopGraceSeconds: 7, hardening: { runAsUser: 70 } });
  const workload = spec({
    sidecars: [sidecar("forward", "before")],
    init: [container("prepare")],
    tasks: [migrate],
  });
  const pod = plain(taskPod(workload, migrate, setup(workload))) as unknown as Record<string, never[]>;
  assert.deepEqual(
    pod.containers.map(({ name }) => name),
    ["migrate"],
  );
  assert.deepEqual(pod.initContainers, []);
  assert.equal(pod.restartPolicy, "Never");
  assert.equal(pod.terminationGracePeriodSeconds, 7);
  assert.equal((pod.securityContext as { fsGroup?: number }).fsGroup, 70);
});

test("a workload that is a task has what starts before it, which ends with it", () => {
  const workload = spec({
    lifetime: "task",
    init: [container("prepare")],
    sidecars: [sidecar("forward", "before"), sidecar("register", "after")],
  });
  const { initContainers, containers } = plain(taskPod(workload, workload.main, setup(workload)));
  assert.deepEqual(
    [...initContainers, ...containers].map(({ name, restartPolicy }) => [name, restartPolicy]),
    [
      ["prepare", undefined],
      ["forward", "Always"],
      ["main", undefined],
    ],
  );
});

test("a rollout waits as long as its slowest replica may take", () => {
  const probe = { tcp: {}, startPeriodSeconds: 30, intervalSeconds: 10, retries: 3 };
  const workload = spec({
    main: container("main", { probe }),
    sidecars: [sidecar("forward", "before", { probe })],
  });
  assert.equal(replicaPatienceSeconds(workload), 120 + 60 + 60);
});
