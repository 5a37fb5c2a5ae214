import { spawn } from "node:child_process";
import { once } from "node:events";
import type Docker from "dockerode";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import { ensureImages } from "../../infra/setup/images";
import { until } from "../end-to-end/client";
import { CommandDriver, run } from "../end-to-end/command-driver";
import type { CommandResult, Driver, RunningContainer } from "../end-to-end/driver";
import { type AwsClient, AwsEmulator } from "./emulator";
import { inventory } from "./inventory";
import { ImageRegistry } from "./runner/image-registry";
import { EcsRunner } from "./runner/runner";
import type { Task } from "./runner/task";

const REGION = "eu-central-1";

/** An emulated account, an image registry in place of ECR, and a runner of its tasks. */
interface Account {
  registry: ImageRegistry;
  emulator: AwsEmulator;
  aws: AwsClient;
  runner: EcsRunner;
}

/** Runs the shop on an emulated AWS account, whose tasks run on local Docker, by the commands that a user types. */
export class EcsDriver extends CommandDriver implements Driver {
  readonly url: string;
  /** Application Auto Scaling raises the count; a new task is healthy after two probes. */
  readonly scalesWithinSeconds = 60;
  readonly dataVolume = /redis/;
  readonly refusesExec = /exec is not served on AWS ECS/;
  readonly keptData = [/^file system /, /^volume ecs-fs-.*redis-data/];

  private constructor(
    stack: string,
    settings: { httpPort: number; registryKind: string },
    readonly account: Account,
    private readonly docker: Docker,
    private readonly before: string[],
  ) {
    super(stack, "ecs", { region: REGION, expose: { kind: "alb", accessLogs: true }, ...settings });
    this.url = `http://127.0.0.1:${settings.httpPort}`;
  }

  static async create(
    stack: string,
    settings: { httpPort: number; registryKind: string },
  ): Promise<EcsDriver> {
    const docker = dockerConnection();
    const { node, golang } = await ensureImages();
    const registry = await ImageRegistry.start();
    const emulator = await AwsEmulator.start(registry.address);
    const aws = emulator.client(REGION);
    const options = { name: stack, images: { node: node!, golang: golang! }, endpoint: emulator.endpoint };
    const runner = await EcsRunner.start(aws, docker, options);
    const before = await inventory(aws);
    return new EcsDriver(stack, settings, { registry, emulator, aws, runner }, docker, before);
  }

  /** Ends the account with everything in it. */
  async close(): Promise<void> {
    await this.account.runner.stop();
    await this.account.emulator.stop();
    await this.account.registry.stop();
  }

  override command(verb: string, ...words: string[]): Promise<CommandResult> {
    return run(process.execPath, this.program(verb, words), "", this.environment);
  }

  /** Follows the logs of a service while something happens that is told in them; how the command ended, interrupted then. */
  async follow(service: string, act: () => Promise<string>): Promise<number> {
    const env = { ...process.env, NO_COLOR: "1", ...this.environment };
    const child = spawn(process.execPath, this.program("logs", [service, "--follow"]), { env });
    const closed = once(child, "close");
    let told = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    // It tells what was before, so that what happens after that is followed.
    await until(
      30,
      async () => told,
      (lines) => lines !== "",
    );
    const expected = await act();
    await until(
      30,
      async () => told,
      (lines) => lines.includes(expected),
    );
    child.kill("SIGINT");
    return (await closed)[0] as number;
  }

  private program(verb: string, words: string[]): string[] {
    const preload = ["--require", "./infra/engine/host/transpile.cjs"];
    return [...preload, "tests/aws/flotilla.ts", ...this.commandLine(verb, words)];
  }

  private get environment(): Record<string, string> {
    const { emulator } = this.account;
    return {
      FLOTILLA_TEST_AWS_BRIDGE: emulator.bridge,
      FLOTILLA_TEST_AWS_MODELS: emulator.packages,
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
  }

  async running(): Promise<Map<string, RunningContainer>> {
    const found = await this.containers({});
    const inspected = await Promise.all(found.map(({ Id }) => this.docker.getContainer(Id).inspect()));
    return new Map(
      inspected.map(({ Id, Name, State }) => [Name.slice(1), { id: Id, startedAt: State.StartedAt }]),
    );
  }

  async logs(service: string, replica: number): Promise<string> {
    const [main] = await this.containersOf(service, replica, "main");
    const raw = await this.docker.getContainer(main).logs({ stdout: true, stderr: true, follow: false });
    return raw.toString("utf8");
  }

  async kill(service: string, replica: number): Promise<void> {
    const ids = await this.containersOf(service, replica);
    await Promise.all(ids.map((id) => this.docker.getContainer(id).kill({ signal: "SIGKILL" })));
  }

  async instances(caller: string, service: string): Promise<string[]> {
    const [main] = await this.containersOf(caller, 1, "main");
    const script = `fetch(process.env.FLOTILLA_LOOKUP_URL + "/v1/services/${service}").then(async (answer) => console.log(await answer.text()))`;
    const answer = JSON.parse(await this.execute(main, ["node", "-e", script])) as {
      instances: { address: string }[];
    };
    return answer.instances.map(({ address }) => address).sort();
  }

  /** Whether a connection from the first replica of `caller` to that of a service is let in. */
  async reaches(caller: string, service: string, port: number): Promise<boolean> {
    const [main] = await this.containersOf(caller, 1, "main");
    const { address } = this.task(service, 1);
    const script = `const tell = (text) => { console.log(text); process.exit(0); };
      require("net").connect(${port}, "${address}", () => tell("connected")); setTimeout(tell, 3000, "not answered");`;
    return (await this.execute(main, ["node", "-e", script])).trim() === "connected";
  }

  async leftovers(): Promise<string[]> {
    const { aws, runner } = this.account;
    const left = (await inventory(aws)).filter((one) => !this.before.includes(one));
    const volumes = await runner.volumes();
    const containers = await this.containers({});
    return [
      ...left,
      ...volumes.map((name) => `volume ${name}`),
      ...containers.map(({ Names }) => `container ${Names[0]}`),
    ];
  }

  /** Running containers of tasks. */
  private containers(labels: Record<string, string>): Promise<Docker.ContainerInfo[]> {
    const wanted = { "flotilla.test.ecs": this.stack, ...labels };
    const label = [
      ...Object.entries(wanted).map(([key, value]) => `${key}=${value}`),
      "flotilla.test.ecs.task",
    ];
    return this.docker.listContainers({ filters: { label, status: ["running"] } });
  }

  private task(service: string, replica: number): Task {
    const name = this.account.runner.services.find((one) => one.endsWith(`-${service}`));
    const task = name === undefined ? undefined : this.account.runner.tasks(name)[replica - 1];
    if (task === undefined) throw new Error(`${service} has no replica ${replica}`);
    return task;
  }

  private async containersOf(service: string, replica: number, container?: string): Promise<string[]> {
    const found = await this.containers({
      "flotilla.test.ecs.task": this.task(service, replica).id,
      ...(container === undefined ? {} : { "flotilla.test.ecs.container": container }),
    });
    if (found.length === 0)
      throw new Error(`${service}/${replica} has no running container ${container ?? ""}`);
    return found.map(({ Id }) => Id);
  }

  private async execute(container: string, command: string[]): Promise<string> {
    const options = { Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true };
    const started = await this.docker.getContainer(container).exec(options);
    const chunks: Buffer[] = [];
    for await (const chunk of await started.start({ Tty: true })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  }
}
