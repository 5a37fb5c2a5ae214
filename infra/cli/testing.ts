/** Fakes that several tests of the command line share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import type { ExportedDeployment } from "../engine";
import type { EngineEvent, Outputs } from "../engine/events";
import type { Configuration, ConfigurationValue, Context } from "./context";
import type { DockerApi } from "./docker/stack-on-docker";
import type { Engine, EngineRun, HistoryEntry, ListedStack, Outcome, StackLocation } from "./engines/engine";
import { Interruption } from "./interruption";
import { Terminal } from "./terminal";

/** A stream that keeps what is written. */
export class Recorder {
  text = "";

  constructor(
    readonly isTTY = false,
    readonly columns = 80,
    readonly rows = 24,
  ) {}

  write(text: string): void {
    this.text += text;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

/** A folder that goes when the test ends. */
export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "flotilla-cli-"));
  test.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** An engine that answers what it is told to, and remembers how it was run. */
export class FakeEngine implements Engine {
  readonly runs: EngineRun[] = [];
  readonly removed: string[] = [];
  events: EngineEvent[] = [];
  outcome: Outcome = { succeeded: true, counts: {}, diagnostics: [] };
  stackOutputs: Outputs | undefined;
  listed: ListedStack[] = [];
  state: ExportedDeployment = { version: 3, deployment: {} };
  runsBefore: HistoryEntry[] = [];
  readonly asked: object[] = [];
  readonly cancelled: string[] = [];
  /** Done in the middle of a run. */
  meanwhile: (run: EngineRun) => void = () => undefined;

  async run(run: EngineRun): Promise<Outcome> {
    this.runs.push(run);
    for (const event of this.events) {
      run.onEvent(event);
    }
    this.meanwhile(run);
    return this.outcome;
  }

  async outputs(): Promise<Outputs | undefined> {
    return this.stackOutputs;
  }

  async remove({ stack }: { stack: string }, { force } = { force: false }): Promise<void> {
    this.removed.push(force ? `${stack} by force` : stack);
  }

  async stacks(): Promise<ListedStack[]> {
    return this.listed;
  }

  async exportState(_: StackLocation, options: { showSecrets: boolean; version?: number }) {
    this.asked.push(options);
    return this.state;
  }

  async importState(_: StackLocation, deployment: ExportedDeployment, { force }: { force: boolean }) {
    this.state = deployment;
    return force ? ["It is of another stack."] : [];
  }

  async changeSecretsProvider(_: StackLocation, provider: string, newPassphrase: string) {
    this.asked.push({ provider, newPassphrase });
  }

  async history(): Promise<HistoryEntry[]> {
    return this.runsBefore;
  }

  async cancel({ stack }: { stack: string }): Promise<void> {
    this.cancelled.push(stack);
  }
}

/** A configuration in memory. */
export class FakeConfiguration implements Configuration {
  saved = 0;

  constructor(readonly values: Record<string, ConfigurationValue> = {}) {}

  get(key: string): ConfigurationValue | undefined {
    return this.values[key];
  }

  set(key: string, value: string, { secret }: { secret: boolean }): void {
    this.values[key] = { value, secret };
  }

  setWithin(key: string, path: (string | number)[], value: string | number | boolean): void {
    this.values[key] = { value: JSON.stringify([path, value]), secret: false };
  }

  entries(): Record<string, ConfigurationValue> {
    return this.values;
  }

  save(): void {
    this.saved += 1;
  }
}

/** What a fake daemon has, in the words of its API; `logs` by container. */
export interface FakeDaemon {
  containers?: Record<string, object>;
  logs?: Record<string, Buffer>;
  volumes?: { Name: string; Labels: Record<string, string> }[];
  networks?: { Name: string }[];
  images?: { Id: string; RepoTags: string[] | null }[];
}

/** A daemon on which everything has the stack's label; asking it by another label is an error. */
export function fakeDocker(daemon: FakeDaemon, label = "shop/dev"): DockerApi {
  const check = ({ filters }: { filters: { label: string[] } }) => {
    if (filters.label[0] !== `flotilla.stack=${label}`) {
      throw new Error(`asked for ${filters.label}`);
    }
  };
  const volumes = () => daemon.volumes ?? [];
  return {
    info: async () => ({
      ServerVersion: "28.2.0",
      CgroupVersion: "2",
      Driver: "overlay2",
      DockerRootDir: "/gone",
    }),
    listContainers: async (options: { filters: { label: string[] } }) => {
      check(options);
      return Object.keys(daemon.containers ?? {}).map((Id) => ({ Id, Names: [`/${Id}`] }));
    },
    listVolumes: async (options: { filters: { label: string[] } }) => {
      check(options);
      const [, ...more] = options.filters.label;
      return { Volumes: volumes().filter(({ Labels }) => more.every((name) => name in Labels)) };
    },
    listNetworks: async (options: { filters: { label: string[] } }) => {
      check(options);
      return daemon.networks ?? [];
    },
    listImages: async (options: { filters: { label: string[] } }) => {
      check(options);
      return daemon.images ?? [];
    },
    getContainer: (id: string) => ({
      inspect: async () => daemon.containers?.[id],
      logs: async () => daemon.logs?.[id] ?? Buffer.alloc(0),
    }),
    getVolume: (name: string) => ({
      remove: async () => {
        daemon.volumes = volumes().filter(({ Name }) => Name !== name);
      },
    }),
  } as unknown as DockerApi;
}

/** What a daemon says of a container. */
export function inspected(
  name: string,
  labels: Record<string, string>,
  state: { Status: string; ExitCode?: number; Health?: { Status: string; Log?: { Output: string }[] } },
  ports: Record<string, { HostIp: string; HostPort: string }[] | null> = {},
  healthCommand?: string[],
): object {
  return {
    Id: name,
    Name: `/${name}`,
    Config: { Labels: labels, Tty: false, Healthcheck: { Test: healthCommand } },
    State: { ExitCode: 0, StartedAt: state.Status === "created" ? never : startedAt, ...state },
    NetworkSettings: { Ports: ports },
  };
}

const startedAt = "2026-01-01T10:00:00.000000000Z";
const never = "0001-01-01T00:00:00Z";

/** The labels of one container of a replica. */
export function partLabels(workload: string, replica: number, container: string): Record<string, string> {
  return {
    "flotilla.workload": workload,
    "flotilla.replica": String(replica),
    "flotilla.container": container,
  };
}

/** A context in an empty project "shop", whose parts a test may replace. */
export function fakeContext(test: TestContext, daemon: FakeDaemon = {}) {
  const directory = temporaryFolder(test);
  writeFileSync(path.join(directory, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  const output = new Recorder();
  const errors = new Recorder();
  const engine = new FakeEngine();
  const configuration = new FakeConfiguration({ "flotilla:target": { value: "docker", secret: false } });
  const setUp: string[] = [];
  const ended: string[] = [];
  const interruption = new Interruption(() => ended.push("ended"));
  const context: Context = {
    directory,
    machine: { environment: { PATH: "" }, home: path.join(directory, "home"), platform: "linux" },
    terminal: new Terminal(output, errors, {}),
    stdio: { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
    interruption,
    engines: { embedded: engine, pulumi: engine },
    setup: {
      ensureDocker: async () => setUp.push("docker"),
      ensureImages: async () => setUp.push("images"),
      adviseOnDocker: async () => undefined,
      imageSource: async () => ({ origin: "registry", registryAnswers: true }),
      findPortHolders: async () => [],
      cleanStandIns: async () => [],
      pinImages: async () => ({}),
    },
    rehearse: async () => ({ succeeded: true, counts: {}, outputs: {}, diagnostics: [], resources: [] }),
    docker: async () => fakeDocker(daemon),
    daemonUrl: () => "unix:///var/run/docker.sock",
    configuration: async () => configuration,
  };
  return { context, output, errors, engine, configuration, setUp, ended };
}

/** Bytes of Docker's log stream; 1 is stdout, 2 is stderr. */
export function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
