/** Containers that run, as a Compose file of equal ones: image, command, limits, hardening, probe, network, order. */
import type Dockerode from "dockerode";

export interface RunningContainer {
  inspected: Dockerode.ContainerInspectInfo;
  /** Names of those that run before it, and whether it waits until they are healthy. */
  after: Map<string, "service_healthy" | "service_started">;
}

/** What stands for the names of the stack, which goes before the Compose file is used. */
export interface StandIns {
  images: Map<string, string>;
  volumes: Map<string, string>;
}

const MS = 1_000_000;

export function composeFile(running: RunningContainer[], { images, volumes }: StandIns): object {
  const byId = new Map(running.map(({ inspected }) => [inspected.Id, nameOf(inspected)]));
  const services = running.map(({ inspected, after }) => {
    const { Config: config, HostConfig: host, Mounts: mounts } = inspected;
    const owner = byId.get(host.NetworkMode?.replace("container:", "") ?? "");
    const service = {
      image: images.get(inspected.Image) ?? config.Image,
      ...(config.Entrypoint ? { entrypoint: escaped([config.Entrypoint].flat()) } : {}),
      ...(config.Cmd ? { command: escaped(config.Cmd) } : {}),
      environment: escaped(config.Env ?? []),
      user: config.User,
      read_only: host.ReadonlyRootfs,
      cap_drop: host.CapDrop ?? [],
      cap_add: host.CapAdd ?? [],
      security_opt: host.SecurityOpt ?? [],
      tmpfs: Object.entries(host.Tmpfs ?? {}).map(([path, options]) => `${path}:${options}`),
      mem_limit: host.Memory,
      memswap_limit: host.MemorySwap,
      cpu_period: host.CpuPeriod,
      cpu_quota: host.CpuQuota,
      restart: host.RestartPolicy?.Name ?? "no",
      logging: { driver: host.LogConfig?.Type, options: host.LogConfig?.Config },
      ...(config.Healthcheck?.Test ? { healthcheck: healthcheckOf(config.Healthcheck) } : {}),
      volumes: mounts
        .filter(({ Type }) => Type === "volume")
        .map(
          ({ Name, Destination, RW }) => `${volumes.get(Name!) ?? Name}:${Destination}:${RW ? "rw" : "ro"}`,
        ),
      ports: Object.entries(
        (host.PortBindings ?? {}) as Record<string, { HostIp: string; HostPort: string }[]>,
      ).flatMap(([port, bindings]) =>
        bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${port}`),
      ),
      ...(owner === undefined
        ? { networks: { default: { aliases: aliasesOf(inspected) } } }
        : { network_mode: `service:${owner}` }),
      depends_on: Object.fromEntries([...after].map(([name, condition]) => [name, { condition }])),
    };
    return [nameOf(inspected), service] as const;
  });
  const external = [...volumes.values()].map((name) => [name, { external: true, name }] as const);
  return { services: Object.fromEntries(services), volumes: Object.fromEntries(external) };
}

/** Its name in the Compose file: that of the container. */
export function nameOf({ Name }: { Name: string }): string {
  return Name.replace(/^\//, "");
}

function aliasesOf({ NetworkSettings, Id }: Dockerode.ContainerInspectInfo): string[] {
  const networks = Object.values(NetworkSettings.Networks);
  return networks
    .flatMap(({ Aliases }) => (Aliases ?? []) as string[])
    .filter((alias) => !Id.startsWith(alias));
}

/** Compose puts variables in place of single dollars. */
function escaped(words: string[]): string[] {
  return words.map((word) => word.replaceAll("$", "$$$$"));
}

function healthcheckOf({ Test, Interval, Timeout, StartPeriod, Retries }: Dockerode.HealthConfig): object {
  const duration = (nanoseconds = 0) => `${Math.round(nanoseconds / MS)}ms`;
  return {
    test: escaped(Test!),
    interval: duration(Interval),
    timeout: duration(Timeout),
    start_period: duration(StartPeriod),
    retries: Retries,
  };
}
