/** Pure: from the inputs of a container and the live object to the outputs that the docker plugin would store. */
import type Docker from "dockerode";
import type { Properties } from "../../provider";
import { containerSchema } from "./container-schema";
import { formatDuration, parseDuration } from "./duration";
import { asOutputs, DEFAULTS_KEY } from "./schema";

export type LiveContainer = Docker.ContainerInspectInfo;

const MIB = 1024 * 1024;
const NANO = 1e9;

/** The plugin's own note about time-outs (20 minutes, in nanoseconds) and the version of its schema. */
const META = JSON.stringify({
  "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": { create: 12e11, delete: 12e11, update: 12e11 },
  schema_version: "2",
});

/** The daemon answers an empty list as null or not at all. */
const listOf = (values: unknown): unknown[] => (Array.isArray(values) ? values : []);
const mebibytes = (bytes: number | undefined): number =>
  bytes && bytes > 0 ? Math.floor(bytes / MIB) : (bytes ?? 0);
/** Optional properties that the daemon reports as empty are null in the plugin's state. */
const nullIfEmpty = (value: object | undefined | null) =>
  value && Object.keys(value).length > 0 ? value : null;

/** Outputs of a container; `logs` are those of an attached one that has ended. */
export function containerOutputs(inputs: Properties, live: LiveContainer, logs?: string): Properties {
  const { Config: config, HostConfig: host, State: state } = live;
  // The daemon knows more than the client library's types.
  const extra = config as typeof config & { StopSignal?: string; StopTimeout?: number };
  return {
    ...asOutputs(containerSchema, inputs),
    __meta: META,
    bridge: (live.NetworkSettings as { Bridge?: string }).Bridge ?? "",
    capabilities:
      host.CapAdd?.length || host.CapDrop?.length
        ? { adds: listOf(host.CapAdd), drops: listOf(host.CapDrop) }
        : null,
    cgroupParent: inputs.cgroupParent ?? null,
    cgroupnsMode: inputs.cgroupnsMode ?? null,
    command: listOf(config.Cmd),
    containerLogs: logs ?? null,
    cpuSet: host.CpusetCpus ?? "",
    cpuShares: host.CpuShares ?? 0,
    cpus: cores(inputs, host.NanoCpus),
    dns: nullIfEmpty(host.Dns),
    dnsOpts: nullIfEmpty(host.DnsOptions),
    dnsSearches: nullIfEmpty(host.DnsSearch),
    domainname: config.Domainname ?? "",
    entrypoints: listOf(config.Entrypoint),
    exitCode: state.Running ? null : state.ExitCode,
    gpus: null,
    groupAdds: nullIfEmpty(host.GroupAdd),
    healthcheck: healthcheck(inputs.healthcheck, config.Healthcheck),
    id: live.Id,
    hostname: config.Hostname ?? "",
    image: inputs.image?.startsWith("sha256:") ? live.Image : config.Image,
    init: host.Init ?? false,
    ipcMode: host.IpcMode ?? "",
    logDriver: host.LogConfig?.Type ?? "",
    logOpts: inputs.logOpts ? host.LogConfig?.Config : null,
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    memory: mebibytes(host.Memory),
    memoryReservation: mebibytes(host.MemoryReservation),
    // Left out, the daemon decides (twice the memory): as an output it would be a change at every take-over.
    memorySwap: inputs.memorySwap ? mebibytes(host.MemorySwap) : 0,
    mustRun: inputs.mustRun !== false && state.Running,
    name: live.Name.replace(/^\//, ""),
    networkDatas: networkDatas(live),
    networkMode: host.NetworkMode ?? "",
    pidMode: inputs.pidMode ?? null,
    platform: live.Platform ?? "",
    ports: ports(inputs, live),
    privileged: host.Privileged ?? false,
    publishAllPorts: host.PublishAllPorts ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    restart: host.RestartPolicy?.Name || "no",
    rm: host.AutoRemove ?? false,
    runtime: host.Runtime ?? "",
    securityOpts: listOf(host.SecurityOpt),
    shmSize: mebibytes(host.ShmSize),
    stdinOpen: config.OpenStdin ?? false,
    stopSignal: extra.StopSignal ?? "",
    stopTimeout: extra.StopTimeout ?? 0,
    storageOpts: nullIfEmpty(host.StorageOpt),
    sysctls: nullIfEmpty(host.Sysctls),
    tmpfs: nullIfEmpty(host.Tmpfs),
    tty: config.Tty ?? false,
    user: config.User ?? "",
    usernsMode: host.UsernsMode ?? "",
    workingDir: config.WorkingDir ?? "",
  };
}

/** The program's own spelling where it means what runs, else the plugin's. */
function cores(inputs: Properties, nanoCpus: number | undefined): string | null {
  if (!nanoCpus) return null;
  if (Math.round(Number(inputs.cpus) * NANO) === nanoCpus) return inputs.cpus;
  const value = nanoCpus / NANO;
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function healthcheck(
  given: Properties | undefined,
  live: Docker.HealthConfig | undefined,
): Properties | null {
  if (!live) return null;
  const spelled = (text: string | undefined, nanoseconds: number | undefined): string =>
    text !== undefined && parseDuration(text) === (nanoseconds ?? 0)
      ? text
      : formatDuration(nanoseconds ?? 0);
  return {
    interval: spelled(given?.interval, live.Interval),
    retries: live.Retries ?? 0,
    startInterval: spelled(given?.startInterval, live.StartInterval),
    startPeriod: spelled(given?.startPeriod, live.StartPeriod),
    tests: listOf(live.Test),
    timeout: spelled(given?.timeout, live.Timeout),
  };
}

function networkDatas(live: LiveContainer): Properties[] {
  return Object.entries(live.NetworkSettings.Networks ?? {}).map(([networkName, network]) => ({
    gateway: network.Gateway,
    globalIpv6Address: network.GlobalIPv6Address,
    globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
    ipAddress: network.IPAddress,
    ipPrefixLength: network.IPPrefixLen,
    ipv6Gateway: network.IPv6Gateway,
    macAddress: network.MacAddress,
    networkName,
  }));
}

/** The asked-for ports with what the daemon has assigned, sorted by the port inside as the plugin does. */
function ports(inputs: Properties, live: LiveContainer): Properties[] {
  if (!inputs.ports?.length) return [];
  const bound = live.NetworkSettings.Ports ?? {};
  if (Object.keys(bound).length === 0) return asOutputs(containerSchema, inputs).ports;
  return Object.entries(bound)
    .flatMap(([key, bindings]) => {
      const [internal, protocol] = key.split("/");
      return (bindings ?? []).map(({ HostIp, HostPort }) => ({
        external: Number(HostPort),
        internal: Number(internal),
        ip: HostIp,
        protocol,
      }));
    })
    .sort((one, other) => one.internal - other.internal);
}

/** Inputs that somebody can change in a living container, behind our back. */
const DRIFTING = [
  "cpuSet",
  "cpuShares",
  "maxRetryCount",
  "memory",
  "memoryReservation",
  "memorySwap",
  "restart",
];

/** The inputs as they would have to be for the container to be what was asked for. */
export function liveInputs(inputs: Properties, outputs: Properties): Properties {
  const given = DRIFTING.filter((key) => inputs[key] !== undefined && outputs[key] !== undefined);
  const stopped = inputs.start !== false && inputs.mustRun !== false && outputs.mustRun === false;
  const seen: Properties = {
    ...Object.fromEntries(given.map((key) => [key, outputs[key]])),
    ...(stopped && { mustRun: false }),
    name: outputs.name,
    image: inputs.image ?? outputs.image,
  };
  // What has changed is no default any more: the next check would keep it as one.
  const defaults = inputs[DEFAULTS_KEY]?.filter((key: string) => !(key in seen) || seen[key] === inputs[key]);
  return { ...inputs, ...seen, ...(defaults && { [DEFAULTS_KEY]: defaults }) };
}
