import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type Docker from "dockerode";
import { stringify } from "yaml";
import { commands } from "../../infra/cli/commands/table";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import type { CommandResult, Driver, Overrides, RunningContainer } from "./driver";

const ROOT = path.resolve(__dirname, "../..");
const COMMAND_TIMEOUT_MS = 15 * 60_000;

/** Runs the shop on local Docker by the commands that a user types. */
export class DockerDriver implements Driver {
  readonly url: string;
  readonly label: string;
  /** File of the description that `up` deploys. */
  architecture = "stacks/shop.ts";
  /** What runs the program; our own unless a test is about the CLI. */
  engine: "embedded" | "pulumi" = "embedded";
  private readonly configurationFile: string;

  private constructor(
    readonly docker: Docker,
    private readonly stack: string,
    private readonly settings: { httpPort: number; registryKind: string },
  ) {
    this.url = `http://127.0.0.1:${settings.httpPort}`;
    this.label = `flotilla.stack=flotilla/${stack}`;
    this.configurationFile = path.join(ROOT, `Pulumi.${stack}.yaml`);
  }

  static async create(
    stack: string,
    settings: { httpPort: number; registryKind: string },
  ): Promise<DockerDriver> {
    return new DockerDriver(await dockerConnection(), stack, settings);
  }

  up(overrides: Overrides = {}): Promise<CommandResult> {
    const config = {
      "flotilla:target": "docker",
      "flotilla:architecture": this.architecture,
      "flotilla:settings": this.settings,
      "flotilla:overrides": overrides,
    };
    fs.writeFileSync(this.configurationFile, stringify({ ...this.salt(), config }));
    return this.command("up");
  }

  async down(...options: string[]): Promise<CommandResult> {
    const result = await this.command("down", ...options);
    if (result.exitCode === 0) {
      fs.rmSync(this.configurationFile, { force: true });
    }
    return result;
  }

  command(verb: string, ...words: string[]): Promise<CommandResult> {
    const engine = "engine" in commands[verb].options ? ["--engine", this.engine] : [];
    const args = ["infra/setup/run.js", verb, ...words, "--stack", this.stack, ...engine];
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGTERM"), COMMAND_TIMEOUT_MS);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(timer);
        resolve({ exitCode: code ?? 128, output });
      });
    });
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
    const ids = await this.containers(service, replica);
    await Promise.all(ids.map((id) => this.docker.getContainer(id).kill({ signal: "SIGKILL" })));
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

  /** Kept from an earlier write, since the stack's secrets were made with it. */
  private salt(): Record<string, string> {
    const existing = fs.existsSync(this.configurationFile)
      ? fs.readFileSync(this.configurationFile, "utf8")
      : "";
    const salt = /^encryptionsalt: (.*)$/m.exec(existing)?.[1];
    return salt === undefined ? {} : { encryptionsalt: salt };
  }
}
