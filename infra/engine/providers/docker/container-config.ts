/** Pure: from the inputs of a container to what the Docker API takes. */
import type Docker from "dockerode";
import type { Properties } from "../../provider";
import { parseDuration } from "./duration";
import { labelMap } from "./schema";

const MIB = 1024 * 1024;
const NANO = 1e9;

/** -1 means "no limit" and is kept. */
const mebibytes = (value: number | undefined): number | undefined =>
  value === undefined || value <= 0 ? value : value * MIB;

const portKey = (port: Properties): string => `${port.internal}/${port.protocol}`;

/** The body of a container's creation; networks beyond its mode's own are connected afterwards. */
export function createOptions(inputs: Properties): Docker.ContainerCreateOptions {
  const named = modeNetwork(inputs);
  return {
    name: inputs.name,
    platform: inputs.platform,
    Image: inputs.image,
    Cmd: nonEmpty(inputs.command),
    Entrypoint: nonEmpty(inputs.entrypoints),
    Env: inputs.envs,
    Hostname: inputs.hostname,
    Domainname: inputs.domainname,
    User: inputs.user,
    WorkingDir: inputs.workingDir,
    Tty: inputs.tty,
    OpenStdin: inputs.stdinOpen,
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout,
    Labels: labelMap(inputs.labels),
    Healthcheck: healthcheck(inputs.healthcheck),
    ExposedPorts: Object.fromEntries((inputs.ports ?? []).map((port: Properties) => [portKey(port), {}])),
    Volumes: Object.fromEntries(pathVolumes(inputs).map((volume) => [volume.containerPath, {}])),
    HostConfig: hostConfig(inputs),
    NetworkingConfig: named && { EndpointsConfig: { [named.name]: endpoint(named) } },
  };
}

const nonEmpty = (values: string[] | undefined): string[] | undefined =>
  values?.length ? values : undefined;

const pathVolumes = (inputs: Properties): Properties[] =>
  (inputs.volumes ?? []).filter((volume: Properties) => volume.containerPath);

function hostConfig(inputs: Properties): Docker.HostConfig {
  const securityOpts: string[] = inputs.securityOpts ?? [];
  // The daemon does not know this option: clients turn it into two empty lists.
  const unconfined = securityOpts.includes("systempaths=unconfined");
  return {
    ...resources(inputs),
    NanoCpus: inputs.cpus && Math.round(Number(inputs.cpus) * NANO),
    AutoRemove: inputs.rm,
    Binds: pathVolumes(inputs).flatMap(bind),
    CapAdd: inputs.capabilities?.adds,
    CapDrop: inputs.capabilities?.drops,
    CgroupParent: inputs.cgroupParent,
    ...(inputs.cgroupnsMode && { CgroupnsMode: inputs.cgroupnsMode }),
    Dns: inputs.dns,
    DnsOptions: inputs.dnsOpts,
    DnsSearch: inputs.dnsSearches,
    ExtraHosts: inputs.hosts?.map(({ host, ip }: Properties) => `${host}:${ip}`),
    GroupAdd: inputs.groupAdds,
    Init: inputs.init ?? false,
    IpcMode: inputs.ipcMode,
    LogConfig: { Type: inputs.logDriver ?? "", Config: inputs.logOpts ?? {} },
    Mounts: inputs.mounts?.map(mountSettings),
    NetworkMode: inputs.networkMode,
    PidMode: inputs.pidMode,
    PortBindings: portBindings(inputs.ports ?? []),
    Privileged: inputs.privileged,
    PublishAllPorts: inputs.publishAllPorts,
    ReadonlyRootfs: inputs.readOnly,
    RestartPolicy: restartPolicy(inputs),
    Runtime: inputs.runtime,
    SecurityOpt: securityOpts.filter((option) => option !== "systempaths=unconfined"),
    ...(unconfined && { MaskedPaths: [], ReadonlyPaths: [] }),
    ShmSize: mebibytes(inputs.shmSize),
    StorageOpt: inputs.storageOpts,
    Sysctls: inputs.sysctls,
    Tmpfs: inputs.tmpfs,
    Ulimits: inputs.ulimits?.map(({ name, soft, hard }: Properties) => ({
      Name: name,
      Soft: soft,
      Hard: hard,
    })),
    UsernsMode: inputs.usernsMode,
    VolumesFrom: nonEmpty(
      (inputs.volumes ?? []).flatMap(({ fromContainer }: Properties) => fromContainer || []),
    ),
  };
}

const resources = (inputs: Properties) => ({
  CpuPeriod: inputs.cpus ? undefined : inputs.cpuPeriod,
  CpuQuota: inputs.cpus ? undefined : inputs.cpuQuota,
  CpusetCpus: inputs.cpuSet,
  CpuShares: inputs.cpuShares,
  Memory: mebibytes(inputs.memory),
  MemoryReservation: mebibytes(inputs.memoryReservation),
  MemorySwap: mebibytes(inputs.memorySwap),
});

const restartPolicy = (inputs: Properties): Docker.HostRestartPolicy => ({
  Name: inputs.restart,
  MaximumRetryCount: inputs.maxRetryCount ?? 0,
});

/** The body of an update of a living container. */
export function updateOptions(inputs: Properties): Properties {
  const limits = resources(inputs);
  return {
    ...limits,
    Memory: limits.Memory ?? 0,
    // What the daemon makes of a missing value in a creation: as much swap as memory.
    MemorySwap: limits.MemorySwap || (limits.Memory ? 2 * limits.Memory : -1),
    RestartPolicy: restartPolicy(inputs),
  };
}

function bind(volume: Properties): string[] {
  const source = volume.hostPath || volume.volumeName;
  if (!source) return [];
  const modes = [volume.readOnly ? "ro" : "rw", volume.selinuxRelabel].filter(Boolean);
  return [`${source}:${volume.containerPath}:${modes.join()}`];
}

function mountSettings(mount: Properties): Docker.MountSettings {
  const { bindOptions, volumeOptions, tmpfsOptions } = mount;
  return {
    Type: mount.type,
    Source: mount.source ?? "",
    Target: mount.target,
    ReadOnly: mount.readOnly,
    BindOptions: bindOptions && { Propagation: bindOptions.propagation },
    VolumeOptions: volumeOptions && {
      NoCopy: volumeOptions.noCopy,
      Labels: labelMap(volumeOptions.labels),
      DriverConfig: volumeOptions.driverName && {
        Name: volumeOptions.driverName,
        Options: volumeOptions.driverOptions,
      },
      Subpath: volumeOptions.subpath,
    },
    TmpfsOptions: tmpfsOptions && { SizeBytes: tmpfsOptions.sizeBytes, Mode: tmpfsOptions.mode },
  };
}

function portBindings(ports: Properties[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const one = { HostIp: port.ip, HostPort: port.external ? String(port.external) : "" };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), one];
  }
  return bindings;
}

function healthcheck(check: Properties | undefined): Docker.HealthConfig | undefined {
  if (!check) return undefined;
  return {
    Test: check.tests,
    Interval: parseDuration(check.interval),
    Timeout: parseDuration(check.timeout),
    StartPeriod: parseDuration(check.startPeriod),
    // Daemons before 25 do not know it.
    StartInterval: parseDuration(check.startInterval) || undefined,
    Retries: check.retries ?? 0,
  };
}

/** The network that the mode names, when it also has settings of its own. */
export const modeNetwork = (inputs: Properties): Properties | undefined =>
  inputs.networksAdvanced?.find(({ name }: Properties) => name === inputs.networkMode);

/** Networks to connect after the creation. */
export const furtherNetworks = (inputs: Properties): Properties[] =>
  (inputs.networksAdvanced ?? []).filter(({ name }: Properties) => name !== inputs.networkMode);

/** How a container takes part in one network. */
export function endpoint(network: Properties): Docker.EndpointSettings {
  return {
    Aliases: network.aliases,
    IPAMConfig: {
      IPv4Address: network.ipv4Address,
      IPv6Address: network.ipv6Address,
      LinkLocalIPs: network.linkLocalIps,
    },
    MacAddress: network.macAddress,
    DriverOpts: network.driverOpts && Object.fromEntries(network.driverOpts.map(splitOption)),
  };
}

const splitOption = (option: string): [string, string] => {
  const [key, ...value] = option.split("=");
  return [key, value.join("=")];
};
