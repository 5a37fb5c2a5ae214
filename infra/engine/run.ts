/**
 * Preview, up, refresh and destroy of one stack, from its files to its result.
 */
import { Deployment } from "./deployment/deployment";
import { Reporter } from "./deployment/reporter";
import type { SelectionOptions } from "./deployment/selection";
import type { EngineEvent, Operation, RunResult, Verb } from "./events";
import { launchProgram, type RunningProgram } from "./host/launch";
import type { Properties, ProviderFactory } from "./provider";
import { Services } from "./server/services";
import { openStack, type ProjectOptions } from "./stack-files";
import { readStack } from "./stacks";
import { StackLock } from "./state/lock";
import type { UpdateInfo } from "./state/store";
import { summarizeOutputs, summarizeResources } from "./summary";
import { plain, secret } from "./wire/values";

export interface RunOptions extends ProjectOptions, SelectionOptions {
  verb: Verb;
  /**
   * Whether a refresh or a destroy only tells what it would do.
   * @default false
   */
  previewOnly?: boolean;
  /**
   * Whether a change, made or foreseen, makes the run fail.
   * @default false
   */
  expectNoChanges?: boolean;
  /**
   * How many steps run at once.
   * @default 16
   */
  parallel?: number;
  /**
   * Providers by package name.
   * @default docker, kubernetes, random and tls; any other is an installed plugin's
   */
  providers?: Record<string, ProviderFactory>;
  /** Aborted by Ctrl-C: no new step begins, those under way end, the state is saved. */
  signal?: AbortSignal;
  onEvent?(event: EngineEvent): void;
  /**
   * Whether a resource that is to be deleted stays where it is, and only leaves the state.
   * @default false for all
   */
  retain?: (resource: { urn: string; type: string; inputs: Properties }) => boolean;
  /**
   * Whether the providers only pretend; the program's hooks, which act by themselves, are left out then.
   * @default false
   */
  rehearsal?: boolean;
  /** Added to the environment of the program. */
  environment?: Record<string, string>;
}

const DEFAULT_PARALLEL = 16;

/** Each is loaded when a run has a resource of it. */
export const DEFAULT_PROVIDERS: Record<string, ProviderFactory> = {
  docker: (configuration) =>
    providerModule<typeof import("./providers/docker")>("docker").createDockerProvider(configuration),
  kubernetes: (configuration) =>
    providerModule<typeof import("./providers/kubernetes")>("kubernetes").createKubernetesProvider(
      configuration,
    ),
  random: () => providerModule<typeof import("./providers/random")>("random").createRandomProvider(),
  tls: () => providerModule<typeof import("./providers/tls")>("tls").createTlsProvider(),
};

function providerModule<Module>(name: string): Module {
  return require(`./providers/${name}`);
}

/** The exit code of Pulumi's executor for "failed, and the user has been told why". */
const FAILURE_WAS_LOGGED = 32;

const UPDATE_KINDS: Record<Exclude<Verb, "preview">, UpdateInfo["kind"]> = {
  up: "update",
  refresh: "refresh",
  destroy: "destroy",
};

/**
 * Runs one verb over a stack. A step that fails is told in the result; what keeps a run from beginning is thrown.
 *
 * @example
 * const result = await run({ verb: "up", directory: ".", stack: "dev", backendUrl: "file:///srv/state", passphrase });
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const stack = openStack(options);
  const { layout, store } = stack;
  layout.prepare();
  const preview = isPreview(options);
  const lock = preview ? undefined : StackLock.acquire(layout.lockDirectory);
  try {
    if (lock) store.fold();
    const reporter = new Reporter(options.onEvent);
    for (const { username, pid, timestamp } of lock?.leftBy ?? []) {
      const message = `The run of ${username} since ${timestamp} (process ${pid}) has died without an end: this one goes on from there.`;
      reporter.diagnostic("info", message);
    }
    const program = launch(options, stack, reporter);
    try {
      return await carryOut(options, stack, reporter, program);
    } finally {
      program?.stop();
    }
  } finally {
    lock?.release();
  }
}

type Stack = ReturnType<typeof openStack>;

const isPreview = (options: RunOptions) => options.verb === "preview" || options.previewOnly === true;

/** Of a verb that runs the program: it gets ready while the engine reads the state. */
function launch(
  options: RunOptions,
  { directory, configuration }: Stack,
  reporter: Reporter,
): RunningProgram | undefined {
  if (options.verb === "refresh" || options.verb === "destroy") return undefined;
  return launchProgram({
    directory,
    main: configuration.project.main,
    project: configuration.project.name,
    stack: options.stack,
    preview: isPreview(options),
    parallel: options.parallel ?? DEFAULT_PARALLEL,
    environment: options.environment ?? {},
    onLine: (line) => reporter.diagnostic("info", line),
  });
}

async function carryOut(
  options: RunOptions,
  { directory, configuration, store }: Stack,
  reporter: Reporter,
  program: RunningProgram | undefined,
): Promise<RunResult> {
  const preview = isPreview(options);
  const signal = options.signal ?? new AbortController().signal;
  const values = configuration.entries();
  reporter.secrets.learn([secret(options.passphrase), ...configuration.secretTexts().map(secret)]);
  const deployment: Deployment = new Deployment({
    project: configuration.project.name,
    stack: options.stack,
    directory,
    preview,
    parallel: options.parallel ?? DEFAULT_PARALLEL,
    configuration: values,
    factories: options.providers ?? DEFAULT_PROVIDERS,
    store,
    reporter,
    host: {
      environment: options.environment ?? {},
      address: () => services.address(),
      readStack: (reference) => readStack(options, configuration.project.name, reference),
    },
    signal,
    rehearsal: options.rehearsal,
    selection: options,
    retain: ({ urn, type, inputs }) => options.retain?.({ urn, type, inputs: plain(inputs) }) ?? false,
  });
  const services = new Services(deployment);
  const startTime = Math.floor(Date.now() / 1000);
  try {
    await deployment.recover();
    if (program) {
      services.serve(program.pipe);
      program.begin(values);
      await awaitProgram(deployment, program);
    } else if (options.verb === "destroy") await deployment.removeRemaining();
    else await deployment.refresh();
    if (!preview) await store.complete(() => deployment.context.state.snapshot());
  } catch (error) {
    throw reporter.masked(error);
  } finally {
    deployment.close();
    services.close();
  }
  if (signal.aborted)
    reporter.diagnostic("error", "Stopped before everything was done. Run it again to go on.");
  if (options.expectNoChanges) refuseChanges(reporter, preview);
  const succeeded = !reporter.failed;
  if (!preview) {
    store.recordUpdate({
      kind: UPDATE_KINDS[options.verb as Exclude<Verb, "preview">],
      startTime,
      endTime: Math.floor(Date.now() / 1000),
      result: succeeded ? "succeeded" : "failed",
      resourceChanges: { ...reporter.counts },
    });
  }
  const { resources } = deployment.context.state.snapshot();
  return {
    succeeded,
    counts: reporter.counts,
    outputs: summarizeOutputs(resources),
    diagnostics: reporter.diagnostics,
    resources: summarizeResources(resources),
  };
}

/** What a run may do although no changes are expected. */
const NO_CHANGES: readonly Operation[] = ["same", "read", "refresh", "discard"];

function refuseChanges(reporter: Reporter, preview: boolean): void {
  const changes = Object.entries(reporter.counts).filter(([name]) => !NO_CHANGES.includes(name as Operation));
  if (changes.length === 0) return;
  const told = changes.map(([name, count]) => `${count} ${name}`).join(", ");
  reporter.diagnostic(
    "error",
    `No changes were expected, but the run ${preview ? "would make" : "made"} some: ${told}.`,
  );
}

async function awaitProgram(deployment: Deployment, program: RunningProgram): Promise<void> {
  const { context, lifecycle } = deployment;
  const { reporter, limiter, state } = context;
  void lifecycle.stopped.then(() => program.stop());
  const code = await program.exit;
  const stoppedByUs = limiter.isClosed;
  if (code !== 0) limiter.close();
  await lifecycle.idle();
  if (code === 0)
    await deployment.finish(); // a program that leaves by process.exit(0) does not wait for it
  else if (!stoppedByUs && code !== FAILURE_WAS_LOGGED) {
    reporter.diagnostic("error", `The program ended with exit code ${code}.`);
  }
  if (reporter.failed) deployment.registrar.keepOutputs();
  await state.save();
}
