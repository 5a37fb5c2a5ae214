/** What one stack has on a Docker daemon, found by its labels. */
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { persistentVolumeLabel } from "../engines/retain";
import type { Stdio } from "../stdio";
import {
  byPlace,
  type FollowOptions,
  type LogLine,
  type Part,
  type PersistentVolume,
  type StackOnTarget,
} from "../targets/target";
import { dialIn, execIn } from "./container-exec";
import { stateOf } from "./container-state";
import { everyStream, LogDecoder } from "./log-decoder";
import { LogFollower } from "./log-follower";

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
  | "info"
>;

export interface DockerPart extends Part {
  /** Whether its log is raw, without Docker's framing. */
  tty: boolean;
}

export class StackOnDocker implements StackOnTarget {
  readonly #filters: { label: string[] };

  /** @param label value of `flotilla.stack`: `<project>/<stack>`. */
  constructor(
    readonly docker: DockerApi,
    readonly label: string,
  ) {
    this.#filters = { label: [`flotilla.stack=${label}`] };
  }

  async parts(): Promise<DockerPart[]> {
    const containers = await this.docker.listContainers({ all: true, filters: this.#filters });
    const looked = await Promise.all(
      containers.map(({ Id }) => unlessGone(this.docker.getContainer(Id).inspect())),
    );
    const found = looked.filter((container) => container !== undefined);
    const parts = found.map((container) => toPart(container, stateOf(container, found)));
    return parts.filter((part) => !isWriter(part)).sort(byPlace);
  }

  async readLog(part: DockerPart, lines: number): Promise<LogLine[]> {
    const asked = { ...everyStream, follow: false, tail: lines } as const;
    const bytes = await this.docker.getContainer(part.id).logs(asked);
    const decoder = new LogDecoder(part.tty);
    return [...decoder.push(bytes), ...decoder.end()];
  }

  follow(options: FollowOptions): Promise<void> {
    return new LogFollower(this, options).run();
  }

  exec({ id }: DockerPart, command: string[], stdio: Stdio): Promise<number> {
    return execIn(this.docker.getContainer(id), command, stdio);
  }

  /** From the sandbox, which runs when the container itself may not. */
  async forward(part: DockerPart, port: number, client: Duplex): Promise<void> {
    const isBeside = ({ role, workload, replica }: DockerPart) =>
      role === "sandbox" && workload === part.workload && replica === part.replica;
    const { id } = (await this.parts()).find(isBeside) ?? part;
    await dialIn(this.docker.getContainer(id), port, client);
  }

  async persistentVolumes(): Promise<PersistentVolume[]> {
    const { Volumes } = await this.docker.listVolumes({
      filters: { label: [...this.#filters.label, persistentVolumeLabel] },
    });
    return (Volumes ?? []).map(({ Name, Labels }) => ({
      name: Name,
      purpose: `${Labels["flotilla.workload"]}/${Labels["flotilla.replica"]} ${Labels[persistentVolumeLabel]}`,
    }));
  }

  async removePersistentVolumes(): Promise<void> {
    for (const { name } of await this.persistentVolumes()) {
      await this.docker.getVolume(name).remove();
    }
  }

  async leftovers(keptData: boolean): Promise<string[]> {
    const kept = keptData ? (await this.persistentVolumes()).map(({ name }) => `volume ${name}`) : [];
    return (await this.everything()).filter((thing) => !kept.includes(thing));
  }

  /** The images with the stack's label, which other targets build here too, e.g. `"image users:1"`. */
  async images(): Promise<string[]> {
    const images = await this.docker.listImages({ filters: this.#filters });
    return images.map(({ RepoTags, Id }) => `image ${RepoTags?.[0] ?? Id}`);
  }

  private async everything(): Promise<string[]> {
    const filters = this.#filters;
    const [containers, { Volumes }, networks, images] = await Promise.all([
      this.docker.listContainers({ all: true, filters }),
      this.docker.listVolumes({ filters }),
      this.docker.listNetworks({ filters }),
      this.images(),
    ]);
    return [
      ...containers.map(({ Names, Id }) => `container ${Names[0]?.replace(/^\//, "") ?? Id}`),
      ...networks.map(({ Name }) => `network ${Name}`),
      ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
      ...images,
    ];
  }
}

/** Never started: it only carries files into a volume. */
const isWriter = ({ state }: DockerPart) => state === "created";

function toPart(container: Docker.ContainerInspectInfo, state: string): DockerPart {
  const { Id, Name, Config, State, NetworkSettings } = container;
  const name = Name.replace(/^\//, "");
  const labels = Config.Labels ?? {};
  return {
    id: Id,
    name,
    workload: labels["flotilla.workload"] ?? name,
    replica: labels["flotilla.replica"],
    role: labels["flotilla.container"] ?? labels["flotilla.task"] ?? name,
    state,
    condition: conditions[state] ?? (/^exited/.test(state) ? "failing" : "stopped"),
    startedAt: State.Status === "running" ? new Date(State.StartedAt) : undefined,
    ports: publishedPorts(NetworkSettings.Ports),
    tty: Config.Tty,
    probeOutput: State.Health?.Log?.at(-1)?.Output.trim() || undefined,
  };
}

const conditions: Record<string, Part["condition"]> = {
  ...{ healthy: "fine", running: "fine", starting: "starting", "exited (0)": "done" },
  ...{ unhealthy: "failing", restarting: "failing", dead: "failing" },
};

function publishedPorts(ports: Docker.ContainerInspectInfo["NetworkSettings"]["Ports"] | null): string[] {
  const bindings = Object.values(ports ?? {}).flatMap((bound) => bound ?? []);
  return bindings.map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}`);
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
