/** What one stack has on a Docker daemon, found by its labels. */
import type Docker from "dockerode";

/** The calls of the Docker client that are made. */
export type DockerApi = Pick<
  Docker,
  | "listContainers"
  | "listVolumes"
  | "listNetworks"
  | "listImages"
  | "getContainer"
  | "getVolume"
  | "getEvents"
>;

/** One container of the stack. */
export interface Part {
  id: string;
  /** Name on the daemon. */
  name: string;
  workload: string;
  /** From 1; undefined for a container that belongs to no replica. */
  replica?: number;
  /** What it is in the replica: `main`, `sandbox`, or the name of a sidecar or task. */
  role: string;
  /** `healthy`, `running`, `exited (1)` and so on. */
  state: string;
  /** Undefined before the first start. */
  startedAt?: Date;
  /** Host side of its published ports, e.g. `127.0.0.1:8080`. */
  ports: string[];
  /** Whether its log is raw, without Docker's framing. */
  tty: boolean;
  /** What the latest probe printed. */
  probeOutput?: string;
}

export interface PersistentVolume {
  name: string;
  /** Whose data it holds, e.g. `redis/1 data`. */
  purpose: string;
}

export class StackOnDocker {
  readonly #filters: { label: string[] };

  /** @param label value of `flotilla.stack`: `<project>/<stack>`. */
  constructor(
    readonly docker: DockerApi,
    readonly label: string,
  ) {
    this.#filters = { label: [`flotilla.stack=${label}`] };
  }

  /** Every container, sorted by workload, replica and role. */
  async parts(): Promise<Part[]> {
    const containers = await this.docker.listContainers({ all: true, filters: this.#filters });
    const parts = await Promise.all(
      containers.map(({ Id }) => unlessGone(this.docker.getContainer(Id).inspect().then(toPart))),
    );
    return parts.filter((part) => part !== undefined).sort(byPlace);
  }

  /** The volumes that outlive a replica. */
  async persistentVolumes(): Promise<PersistentVolume[]> {
    const { Volumes } = await this.docker.listVolumes({
      filters: { label: [...this.#filters.label, persistentVolumeLabel] },
    });
    return (Volumes ?? []).map(({ Name, Labels }) => ({
      name: Name,
      purpose: `${Labels["flotilla.workload"]}/${Labels["flotilla.replica"]} ${Labels[persistentVolumeLabel]}`,
    }));
  }

  /** Removes those that an earlier `down --keep-data` left, which no state knows any more. */
  async removePersistentVolumes(): Promise<void> {
    for (const { name } of await this.persistentVolumes()) {
      await this.docker.getVolume(name).remove();
    }
  }

  /** Everything with the stack's label, e.g. `"container users-1-main"`. */
  async everything(): Promise<string[]> {
    const filters = this.#filters;
    const [containers, { Volumes }, networks, images] = await Promise.all([
      this.docker.listContainers({ all: true, filters }),
      this.docker.listVolumes({ filters }),
      this.docker.listNetworks({ filters }),
      this.docker.listImages({ filters }),
    ]);
    return [
      ...containers.map(({ Names, Id }) => `container ${Names[0]?.replace(/^\//, "") ?? Id}`),
      ...networks.map(({ Name }) => `network ${Name}`),
      ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
      ...images.map(({ RepoTags, Id }) => `image ${RepoTags?.[0] ?? Id}`),
    ];
  }
}

export const persistentVolumeLabel = "flotilla.volume";

function toPart(container: Docker.ContainerInspectInfo): Part {
  const { Id, Name, Config, State, NetworkSettings } = container;
  const name = Name.replace(/^\//, "");
  const labels = Config.Labels ?? {};
  const replica = labels["flotilla.replica"];
  return {
    id: Id,
    name,
    workload: labels["flotilla.workload"] ?? name,
    replica: replica === undefined ? undefined : Number(replica),
    role: labels["flotilla.container"] ?? labels["flotilla.task"] ?? name,
    state: describeState(State),
    // Docker writes the year 1 for "never".
    startedAt: State.StartedAt.startsWith("0001") ? undefined : new Date(State.StartedAt),
    ports: publishedPorts(NetworkSettings.Ports),
    tty: Config.Tty,
    probeOutput: State.Health?.Log?.at(-1)?.Output.trim() || undefined,
  };
}

function describeState({ Status, ExitCode, Health }: Docker.ContainerInspectInfo["State"]): string {
  if (Status === "running" && Health !== undefined && Health.Status !== "none") {
    return Health.Status;
  }
  return Status === "exited" ? `exited (${ExitCode})` : Status;
}

function publishedPorts(ports: Docker.ContainerInspectInfo["NetworkSettings"]["Ports"] | null): string[] {
  const bindings = Object.values(ports ?? {}).flatMap((bound) => bound ?? []);
  return bindings.map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}`);
}

function byPlace(a: Part, b: Part): number {
  return (
    a.workload.localeCompare(b.workload) ||
    (a.replica ?? 0) - (b.replica ?? 0) ||
    a.role.localeCompare(b.role)
  );
}

/** A container may be removed between the list and the look at it. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) {
      return undefined;
    }
    throw error;
  }
}
