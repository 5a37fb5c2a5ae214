/** Pulumi's own CLI, started as a program. */
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Verb } from "../../engine/events";
import { failedToComplete } from "../../engine/providers/docker/run-to-completion";
import { UserError } from "../errors";
import type { Engine, EngineRun, StackLocation } from "./engine";
import { holdsData } from "./retain";
import { withFolderFirst } from "./search-path";

const verbArguments: Record<Verb, string[]> = {
  preview: ["preview"],
  up: ["up", "--yes", "--skip-preview"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
};

/** The verbs after which the resources are as the program says. */
const runsProgram: Verb[] = ["preview", "up"];

const containerType = "docker:index/container:Container";

/** What is read of a state, and marked in it. */
interface ExportedStack {
  deployment: {
    resources?: {
      urn: string;
      type: string;
      inputs?: Record<string, unknown>;
      outputs?: Record<string, unknown>;
      delete?: boolean;
      retainOnDelete?: boolean;
    }[];
  };
}

export class PulumiEngine implements Engine {
  readonly showsProgress = true;

  /** @param daemonEnvironment what leads the docker plugin to the daemon that everything else here uses. */
  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly daemonEnvironment: () => Record<string, string>,
  ) {}

  async run(run: EngineRun) {
    const exists = await this.#exists(run);
    if (!exists) {
      await this.#capture(run, ["stack", "init", run.stack, "--no-select", "--non-interactive"]);
    }
    if (run.keepData) {
      await this.#retain(run);
    }
    const expectation = run.expectNoChanges ? ["--expect-no-changes"] : [];
    const again = exists && runsProgram.includes(run.verb) ? await this.#toRunAgain(run) : [];
    const replacements = again.flatMap((urn) => ["--replace", urn]);
    const args = [...verbArguments[run.verb], ...expectation, "--stack", run.stack, ...replacements];
    const child = this.#start(run, args, "inherit", this.daemonEnvironment());
    const onAbort = () => {
      // The CLI has had a Ctrl-C from the terminal already; a second one would make it end at once.
      if (run.signal.reason === "SIGTERM") {
        child.kill("SIGINT");
      }
    };
    run.signal.addEventListener("abort", onAbort, { once: true });
    const [code] = await once(child, "close");
    run.signal.removeEventListener("abort", onAbort);
    return { succeeded: code === 0, diagnostics: [] };
  }

  async outputs(location: StackLocation) {
    if (!(await this.#exists(location))) {
      return undefined;
    }
    const ask = ["stack", "output", "--json", "--stack", location.stack];
    const [masked, plain] = await Promise.all(
      [ask, [...ask, "--show-secrets"]].map(async (args) => JSON.parse(await this.#capture(location, args))),
    );
    return Object.fromEntries(
      Object.entries(plain).map(([name, value]) => [
        name,
        { value, secret: JSON.stringify(value) !== JSON.stringify(masked[name]) },
      ]),
    );
  }

  async remove(location: StackLocation) {
    if (await this.#exists(location)) {
      await this.#capture(location, ["stack", "rm", location.stack, "--yes", "--preserve-config"]);
    }
  }

  /** Marks what holds data in the state, so that a destroy forgets them instead of deleting them. */
  async #retain(location: StackLocation): Promise<void> {
    const exported = await this.#export(location);
    for (const resource of exported.deployment.resources ?? []) {
      if (holdsData(resource)) {
        resource.retainOnDelete = true;
      }
    }
    await this.#capture(location, ["stack", "import", "--stack", location.stack], JSON.stringify(exported));
  }

  /** The containers that failed at what they were to do once; the plugin sees no change there. */
  async #toRunAgain(location: StackLocation): Promise<string[]> {
    const { deployment } = await this.#export(location);
    const failed = (deployment.resources ?? []).filter(
      ({ type, delete: isGoing, inputs = {}, outputs = {} }) =>
        type === containerType && !isGoing && failedToComplete({ inputs, outputs }),
    );
    return failed.map(({ urn }) => urn);
  }

  async #export(location: StackLocation): Promise<ExportedStack> {
    return JSON.parse(await this.#capture(location, ["stack", "export", "--stack", location.stack]));
  }

  async #exists(location: StackLocation): Promise<boolean> {
    const stacks: { name: string }[] = JSON.parse(await this.#capture(location, ["stack", "ls", "--json"]));
    // A stack of another project or organization is listed by its full name.
    return stacks.some(({ name }) => name === location.stack);
  }

  #start(
    { directory, backendUrl, passphrase }: StackLocation,
    args: string[],
    stdio: SpawnOptions["stdio"],
    more: Record<string, string> = {},
  ) {
    return spawn("pulumi", args, {
      cwd: directory,
      stdio,
      env: {
        // Its language host takes the first Node on the PATH, which must be as new as ours.
        ...withFolderFirst(this.environment, path.dirname(process.execPath)),
        PULUMI_BACKEND_URL: backendUrl,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Types are the business of `npm run check`.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        ...more,
      },
    });
  }

  /** What the CLI prints; an error of the user's when it fails. */
  async #capture(location: StackLocation, args: string[], input = ""): Promise<string> {
    const child = this.#start(location, args, "pipe");
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]!.setEncoding("utf8").on("data", (text: string) => {
        printed[name] += text;
      });
    }
    child.stdin!.on("error", () => undefined).end(input);
    const [code] = await once(child, "close");
    if (code !== 0) {
      throw new UserError(`"pulumi ${args.join(" ")}" failed: ${(printed.stderr || printed.stdout).trim()}`);
    }
    return printed.stdout;
  }
}
