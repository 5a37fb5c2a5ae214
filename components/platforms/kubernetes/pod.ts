import type { input } from "@pulumi/kubernetes/types";
import type { ContainerSpec } from "../../container-spec";
import type { WorkloadSpec } from "../../platform";
import { podContainer } from "./container";
import type { WrittenFiles } from "./files";
import { isAsked, patienceSeconds, readinessProbe, startupProbe } from "./probes";
import { memoryVolumes, volumeMounts } from "./volumes";

type PodSpec = input.core.v1.PodSpec;
type Container = input.core.v1.Container;

export interface PodSetup {
  cpuRequestPercent: number;
  /** Files of each container, by its name. */
  files: Map<string, WrittenFiles>;
  serviceAccount: string;
  /** Lets its containers use the cluster's API. */
  apiCredentials: boolean;
}

/** The containers of a replica in the order in which they start. */
interface Containers {
  init: ContainerSpec[];
  before: ContainerSpec[];
  rest: ContainerSpec[];
}

/** A replica of a service. */
export function replicaPod(spec: WorkloadSpec, setup: PodSetup): PodSpec {
  const parts = containersOf(spec);
  const patience = replicaPatienceSeconds(spec);
  const sleep = sleepSeconds(spec);
  const rest = parts.rest.map((container) => ({
    ...create(container, setup),
    ...(container === spec.main ? { ports: spec.ports.map(containerPort) } : {}),
    ...(isAsked(container, spec.ports) ? servingProbes(container, patience) : {}),
    // What stops first has its signal at once: the agent, which drains the replica meanwhile.
    ...(container === spec.main && sleep > 0
      ? { lifecycle: { preStop: { sleep: { seconds: sleep } } } }
      : {}),
  }));
  return {
    ...pod(spec.main, parts, spec, setup),
    containers: rest,
    terminationGracePeriodSeconds:
      sleep + Math.max(...parts.rest.map(stopGrace)) + parts.before.map(stopGrace).reduce(add, 0),
  };
}

/** A workload that ends, or a one-off task of a service. */
export function taskPod(spec: WorkloadSpec, main: ContainerSpec, setup: PodSetup): PodSpec {
  const own = main === spec.main ? containersOf(spec) : { init: [], before: [], rest: [] };
  const parts = { ...own, rest: [main] };
  return {
    ...pod(main, parts, spec, setup),
    containers: [create(main, setup)],
    restartPolicy: "Never",
    terminationGracePeriodSeconds: stopGrace(main) + parts.before.map(stopGrace).reduce(add, 0),
  };
}

/** Seconds that a replica may take until it is ready. */
export function replicaPatienceSeconds(spec: WorkloadSpec): number {
  const { before, rest } = containersOf(spec);
  return patienceSeconds(before, rest);
}

function containersOf({ init, main, sidecars }: WorkloadSpec): Containers {
  return {
    init,
    before: sidecars.filter(({ order }) => order === "before"),
    rest: [main, ...sidecars.filter(({ order }) => order === "after")],
  };
}

/** Seconds for which the main container is left alone after its replica was asked to stop; callers notice meanwhile. */
function sleepSeconds({ drainSeconds, ports }: WorkloadSpec): number {
  return ports.length === 0 ? 0 : drainSeconds + 1;
}

function pod(main: ContainerSpec, parts: Containers, spec: WorkloadSpec, setup: PodSetup): PodSpec {
  const all = [...parts.init, ...parts.before, ...parts.rest];
  const files = all.flatMap(({ name }) => setup.files.get(name)!.volumes);
  const shared = new Map(files.map((volume) => [volume.name, volume]));
  const mounted = new Set(all.flatMap(({ mounts }) => mounts.map(({ volume }) => volume)));
  const volumes = spec.volumes.filter(({ name }) => mounted.has(name));
  const first = [...parts.init.map((one) => create(one, setup)), ...nativeSidecars(parts, spec, setup)];
  return {
    serviceAccountName: setup.serviceAccount,
    automountServiceAccountToken: setup.apiCredentials,
    enableServiceLinks: false,
    securityContext: {
      seccompProfile: { type: "RuntimeDefault" },
      // The main process may write to the replica's volumes, whoever they belonged to before.
      fsGroup: main.hardening.runAsUser,
      fsGroupChangePolicy: "OnRootMismatch",
      sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
    },
    volumes: [...memoryVolumes(volumes, all), ...shared.values()],
    initContainers: first.length === 0 ? undefined : first,
    containers: [],
  };
}

/** A start is asked for by itself only where the readiness is asked for less often. */
function servingProbes(container: ContainerSpec, patience: number): Partial<Container> {
  const often = container.probe!.intervalSeconds === 1;
  const startup = often ? {} : { startupProbe: startupProbe(container, patience) };
  return { ...startup, readinessProbe: readinessProbe(container) };
}

function nativeSidecars({ before }: Containers, spec: WorkloadSpec, setup: PodSetup): Container[] {
  const patience = replicaPatienceSeconds(spec);
  return before.map((container) => ({
    ...create(container, setup),
    restartPolicy: "Always",
    startupProbe: startupProbe(container, patience),
  }));
}

function create(container: ContainerSpec, { cpuRequestPercent, files }: PodSetup): Container {
  const mounts = [...volumeMounts(container), ...files.get(container.name)!.mounts];
  return podContainer(container, cpuRequestPercent, mounts);
}

function containerPort({ port }: { port: number }) {
  return { containerPort: port, protocol: "TCP" };
}

function stopGrace({ stopGraceSeconds }: ContainerSpec): number {
  return stopGraceSeconds;
}

function add(total: number, one: number): number {
  return total + one;
}
