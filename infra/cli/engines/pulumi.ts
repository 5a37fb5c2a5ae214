/** Pulumi's own CLI, driven by Pulumi's Automation API. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import type { ExportedDeployment } from "../../engine";
import type { Verb } from "../../engine/events";
import { failedToComplete } from "../../engine/providers/docker/run-to-completion";
import { messageOf, UserError } from "../errors";
import type { Engine, EngineRun, HistoryEntry, ListedStack, Outcome, StackLocation } from "./engine";
import { PulumiEvents } from "./pulumi-events";
import { holdsData } from "./retain";
import { withFolderFirst } from "./search-path";

/** Required when first used: it takes longer to load than `help` or `ps` should last. */
const automation = (): typeof import("@pulumi/pulumi/automation") => require("@pulumi/pulumi/automation");

/** The verbs after which the resources are as the program says. */
const runsProgram: Verb[] = ["preview", "up"];

const containerType = "docker:index/container:Container";

type RunOptions = Pick<
  Parameters<Stack["up"]>[0] & object,
  "replace" | "target" | "exclude" | "parallel" | "onEvent" | "signal"
>;

const verbs: Record<Verb, (stack: Stack, options: RunOptions) => Promise<unknown>> = {
  preview: (stack, options) => stack.preview(options),
  up: (stack, options) => stack.up(options),
  refresh: (stack, { replace: _, ...options }) => stack.refresh(options),
  destroy: (stack, { replace: _, ...options }) => stack.destroy(options),
};

/** What is read of a state, and marked in it. */
interface StateResource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  delete?: boolean;
  retainOnDelete?: boolean;
}

export class PulumiEngine implements Engine {
  /** @param daemonEnvironment what leads the docker plugin to the daemon that everything else here uses. */
  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly daemonEnvironment: () => Record<string, string>,
  ) {}

  async run(run: EngineRun): Promise<Outcome> {
    const exists = await this.#exists(run);
    if (!exists) {
      await this.#capture(run, ["stack", "init", run.stack, "--no-select", "--non-interactive"]);
    }
    if (run.keepData) {
      await this.#retain(run);
    }
    const again = exists && runsProgram.includes(run.verb) ? await this.#toRunAgain(run) : [];
    const { LocalWorkspace, Stack: AutomationStack } = automation();
    const envVars = definedOf({ ...this.#environmentOf(run), ...this.daemonEnvironment() });
    const workspace = await LocalWorkspace.create({ workDir: run.directory, envVars });
    // The user's selected stack stays as it is, and what nobody asks for need not be read.
    Object.assign(workspace, { selectStack: async () => undefined, stackOutputs: async () => ({}) });
    const stack = await AutomationStack.select(run.stack, workspace);
    stack.info = async () => undefined;
    const events = new PulumiEvents(run.verb, run.onEvent);
    const options = {
      ...{ target: list(run.targets), targetDependents: run.targetDependents },
      ...{ exclude: list(run.excludes), excludeDependents: run.excludeDependents },
      parallel: run.parallel,
      replace: list([...(run.replace ?? []), ...again]),
      onEvent: (event: Parameters<PulumiEvents["take"]>[0]) => events.take(event),
      signal: onlyTermination(run.signal),
    };
    try {
      await verbs[run.verb](stack, options);
      events.end();
      return { succeeded: !events.failed, counts: events.counts, diagnostics: [] };
    } catch (error) {
      events.end();
      const told = { severity: "error", message: wordsOf(error) } as const;
      return { succeeded: false, counts: events.counts, diagnostics: events.failed ? [] : [told] };
    }
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

  async remove(location: StackLocation, { force } = { force: false }) {
    if (await this.#exists(location)) {
      const forced = force ? ["--force"] : [];
      await this.#capture(location, ["stack", "rm", location.stack, "--yes", "--preserve-config", ...forced]);
    }
  }

  async stacks(location: StackLocation): Promise<ListedStack[]> {
    return JSON.parse(await this.#capture(location, ["stack", "ls", "--json"]));
  }

  async exportState(
    location: StackLocation,
    { showSecrets = false, version }: { showSecrets?: boolean; version?: number } = {},
  ): Promise<ExportedDeployment> {
    const secrets = showSecrets ? ["--show-secrets"] : [];
    const at = version === undefined ? [] : ["--version", String(version)];
    const args = ["stack", "export", "--stack", location.stack, ...secrets, ...at];
    return JSON.parse(await this.#capture(location, args));
  }

  // Not by the Automation API, which writes the state with plain secrets to a file that everybody may read.
  async importState(location: StackLocation, deployment: ExportedDeployment, { force } = { force: false }) {
    const forced = force ? ["--force"] : [];
    const args = ["stack", "import", "--stack", location.stack, ...forced];
    await this.#capture(location, args, JSON.stringify(deployment));
    return [];
  }

  async changeSecretsProvider(location: StackLocation, provider: string, newPassphrase: string) {
    // Where nobody sits at a terminal, the CLI takes the new passphrase from its input.
    const args = [
      "stack",
      "change-secrets-provider",
      provider,
      "--stack",
      location.stack,
      "--non-interactive",
    ];
    await this.#capture(location, args, `${newPassphrase}\n`);
  }

  async history(location: StackLocation): Promise<HistoryEntry[]> {
    const args = ["stack", "history", "--json", "--stack", location.stack];
    const entries: PulumiHistoryEntry[] = JSON.parse(await this.#capture(location, args)) ?? [];
    return entries.map(({ kind, startTime, endTime, result, resourceChanges = {} }, index) => ({
      version: entries.length - index,
      ...{ kind, result, resourceChanges },
      startedAt: new Date(startTime),
      endedAt: new Date(endTime),
    }));
  }

  async cancel(location: StackLocation): Promise<void> {
    await this.#capture(location, ["cancel", location.stack, "--yes"]);
  }

  /** Marks what holds data in the state, so that a destroy forgets them instead of deleting them. */
  async #retain(location: StackLocation): Promise<void> {
    const exported = await this.exportState(location);
    for (const resource of resourcesOf(exported)) {
      if (holdsData(resource)) {
        resource.retainOnDelete = true;
      }
    }
    await this.importState(location, exported);
  }

  /** The containers that failed at what they were to do once; the plugin sees no change there. */
  async #toRunAgain(location: StackLocation): Promise<string[]> {
    const failed = resourcesOf(await this.exportState(location)).filter(
      ({ type, delete: isGoing, inputs = {}, outputs = {} }) =>
        type === containerType && !isGoing && failedToComplete({ inputs, outputs }),
    );
    return failed.map(({ urn }) => urn);
  }

  async #exists(location: StackLocation): Promise<boolean> {
    // A stack of another project or organization is listed by its full name.
    return (await this.stacks(location)).some(({ name }) => name === location.stack);
  }

  #environmentOf({ backendUrl, passphrase }: StackLocation): NodeJS.ProcessEnv {
    return {
      // Its language host takes the first Node on the PATH, which must be as new as ours.
      ...withFolderFirst(this.environment, path.dirname(process.execPath)),
      PULUMI_BACKEND_URL: backendUrl,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Types are the business of `npm run check`.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
  }

  /** What the CLI prints; an error of the user's when it fails. */
  async #capture(location: StackLocation, args: string[], input = ""): Promise<string> {
    const child = spawn("pulumi", args, { cwd: location.directory, env: this.#environmentOf(location) });
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        printed[name] += text;
      });
    }
    child.stdin.on("error", () => undefined).end(input);
    const [code] = await once(child, "close");
    if (code !== 0) {
      throw new UserError(`"pulumi ${args.join(" ")}" failed: ${(printed.stderr || printed.stdout).trim()}`);
    }
    return printed.stdout;
  }
}

interface PulumiHistoryEntry {
  kind: string;
  startTime: string;
  endTime: string;
  result: string;
  resourceChanges?: Record<string, number>;
}

function resourcesOf({ deployment }: ExportedDeployment): StateResource[] {
  return (deployment.resources as StateResource[] | undefined) ?? [];
}

function list(values: readonly string[] | undefined): string[] | undefined {
  return values?.length ? [...values] : undefined;
}

/** The CLI has had a Ctrl-C from the terminal already; a second one would make it end at once. */
function onlyTermination(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const onAbort = () => signal.reason === "SIGTERM" && controller.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  return controller.signal;
}

/** What the CLI wrote when it failed, without what the Automation API writes around it. */
function wordsOf(error: unknown): string {
  const message = messageOf(error);
  const [, errorLines] = /^error: (.*?)(?:\n\n|$)/ms.exec(message) ?? [];
  return errorLines ?? message.split("\n err?:")[0]!;
}

function definedOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
