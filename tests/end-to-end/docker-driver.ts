import type Docker from "dockerode";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import { removeLeftovers } from "../leftovers";
import { CommandDriver } from "./command-driver";
import type { Driver, RunningContainer } from "./driver";

/** Runs the shop on local Docker by the commands that a user types. */
export class DockerDriver extends CommandDriver implements Driver {
  readonly url: string;
  readonly label: string;
  readonly scalesWithinSeconds = 2;
  readonly dataVolume = /redis-1-data/;
  readonly keptData = [/^volume .*redis-1-data/];

  private constructor(
    readonly docker: Docker,
    stack: string,
    settings: { httpPort: number; registryKind: string },
  ) {
    super(stack, "docker", settings);
    this.url = `http://127.0.0.1:${settings.httpPort}`;
    this.label = `flotilla.stack=flotilla/${stack}`;
  }

  static async create(
    stack: string,
    settings: { httpPort: number; registryKind: string },
  ): Promise<DockerDriver> {
    const driver = new DockerDriver(dockerConnection(), stack, settings);
    if (!driver.isConfigured()) {
      await removeLeftovers(driver.docker, driver.label);
    }
    return driver;
  }

  async running(): Promise<Map<string, RunningContainer>> {
    const found = await this.docker.listContainers({ filters: { label: [this.label], status: ["running"] } });
    const inspected = await Promise.all(found.map(({ Id }) => this.docker.getContainer(Id).inspect()));
    return new Map(
      inspected.map(({ Id, Name, State }) => [Name.slice(1), { id: Id, startedAt: State.StartedAt }]),
    );
  }

  async logs(service: string, replica: number): Promise<string> {
    const [main] = await this.containers(service, replica, "main");
    const raw = await this.docker.getContainer(main).logs({ stdout: true, stderr: true, follow: false });
    return raw.toString("utf8");
  }

  async kill(service: string, replica: number): Promise<void> {
    const sandbox = await this.containers(service, replica, "sandbox");
    const others = (await this.containers(service, replica)).filter((id) => !sandbox.includes(id));
    // The one with the network last: the kernel tells peers of each death, as long as there is a network.
    for (const ids of [others, sandbox]) {
      await Promise.all(ids.map((id) => this.docker.getContainer(id).kill({ signal: "SIGKILL" })));
    }
  }

  async instances(caller: string, service: string): Promise<string[]> {
    const [main] = await this.containers(caller, 1, "main");
    const script = `fetch(process.env.FLOTILLA_LOOKUP_URL + "/v1/services/${service}").then(async (answer) => console.log(await answer.text()))`;
    const answer = JSON.parse(await this.execute(main, ["node", "-e", script])) as {
      instances: { address: string }[];
    };
    return answer.instances.map(({ address }) => address).sort();
  }

  async leftovers(): Promise<string[]> {
    const filters = { label: [this.label] };
    const [containers, networks, volumes, images] = await Promise.all([
      this.docker.listContainers({ all: true, filters }),
      this.docker.listNetworks({ filters }),
      this.docker.listVolumes({ filters: { label: [this.label] } }),
      this.docker.listImages({ all: true, filters: { label: [this.label] } }),
    ]);
    return [
      ...containers.map(({ Names }) => `container ${Names[0]}`),
      ...networks.map(({ Name }) => `network ${Name}`),
      ...(volumes.Volumes ?? []).map(({ Name }) => `volume ${Name}`),
      ...images.map(({ Id, RepoTags }) => `image ${RepoTags?.[0] ?? Id}`),
    ];
  }

  private async containers(service: string, replica: number, container?: string): Promise<string[]> {
    const label = [this.label, `flotilla.workload=${service}`, `flotilla.replica=${replica}`];
    const filters = {
      label: container === undefined ? label : [...label, `flotilla.container=${container}`],
    };
    const found = await this.docker.listContainers({ filters });
    if (found.length === 0) {
      throw new Error(`no running container has the labels ${filters.label.join(", ")}`);
    }
    return found.map(({ Id }) => Id);
  }

  async execute(container: string, command: string[]): Promise<string> {
    const options = { Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true };
    const started = await this.docker.getContainer(container).exec(options);
    const stream = await started.start({ Tty: true });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}
