/**
 * A stack for tests, driven without a program: a test registers resources itself, as the SDK would.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Deployment } from "../deployment/deployment";
import { emptyGoal, type Goal } from "../deployment/goal";
import { ReportedError, Reporter } from "../deployment/reporter";
import type { SelectionOptions } from "../deployment/selection";
import { STACK_TYPE } from "../deployment/urn";
import type { EngineEvent } from "../events";
import type { Properties, ProviderFactory } from "../provider";
import { BackendLayout } from "../state/backend";
import { StackLock } from "../state/lock";
import type { ResourceRecord, Snapshot } from "../state/records";
import { StateStore, type UpdateInfo } from "../state/store";
import { FakeProvider } from "./fake-provider";

export interface TestProgram {
  /** Registers a `fake:index:Thing`. */
  thing(name: string, inputs?: Properties, options?: Partial<Goal>): Promise<ResourceRecord>;
  /** Registers a resource of another provider of the stack. */
  resource(type: string, name: string, inputs: Properties, options?: Partial<Goal>): Promise<ResourceRecord>;
  /** Registers a component. */
  group(name: string, options?: Partial<Goal>): Promise<ResourceRecord>;
  deployment: Deployment;
}

export interface TestRunOptions {
  preview?: boolean;
  parallel?: number;
  signal?: AbortSignal;
  selection?: SelectionOptions;
}

/** Options of a resource that takes the property `key` from others. */
export function takes(key: string, ...from: ResourceRecord[]): Partial<Goal> {
  const urns = from.map(({ urn }) => urn);
  return { dependencies: urns, propertyDependencies: { [key]: urns } };
}

export class TestStack {
  readonly cloud: FakeProvider;
  readonly layout: BackendLayout;
  /** Steps of the last run, e.g. `create first`; what is the same is left out. */
  steps: string[] = [];
  errors: string[] = [];
  /** Providers beside the fake one. */
  factories: Record<string, ProviderFactory> = {};
  /** From how many resources on the state is a journal. */
  journaledResources: number | undefined;
  warnings: string[] = [];
  /** Is told of each state that a run writes. */
  onWrite: (snapshot: Snapshot) => void = () => undefined;

  constructor(readonly directory = mkdtempSync(path.join(tmpdir(), "flotilla-engine-"))) {
    this.cloud = new FakeProvider(path.join(directory, "cloud.json"));
    this.layout = new BackendLayout(`file://${directory}`, "test", "s");
    this.layout.prepare();
  }

  up(program: (program: TestProgram) => Promise<void>, options: TestRunOptions = {}): Promise<void> {
    return this.run("update", options, async (deployment) => {
      const { registrar } = deployment;
      await registrar.register({ ...emptyGoal(STACK_TYPE, "test-s"), custom: false });
      const register =
        (type: string, custom: boolean) => (name: string, inputs?: Properties, more?: Partial<Goal>) =>
          registrar.register({ ...emptyGoal(type, name), custom, inputs: inputs ?? {}, ...more });
      const group = register("fake:index:Group", false);
      try {
        const thing = register("fake:index:Thing", true);
        await program({
          deployment,
          thing,
          resource: (type, name, inputs, more) => register(type, true)(name, inputs, more),
          group: (name, more) => group(name, {}, more),
        });
      } catch (error) {
        if (!(error instanceof ReportedError)) throw error;
      }
      await deployment.lifecycle.idle();
      await deployment.finish();
    });
  }

  destroy(options: TestRunOptions = {}): Promise<void> {
    return this.run("destroy", options, (deployment) => deployment.removeRemaining());
  }

  refresh(options: TestRunOptions = {}): Promise<void> {
    return this.run("refresh", options, (deployment) => deployment.refresh());
  }

  /** The checkpoint's content, as it is on disk. */
  stored(): Properties {
    return JSON.parse(readFileSync(this.layout.checkpointFile, "utf8")).checkpoint.latest;
  }

  /** What is on disk about the things: their ids, with the marks that they carry. */
  storedThings(): string[] {
    return (this.stored().resources ?? [])
      .filter(({ type }: ResourceRecord) => type === "fake:index:Thing")
      .map(({ id, delete: doomed, pendingReplacement, initErrors }: ResourceRecord) =>
        [id, doomed && "doomed", pendingReplacement && "pending", initErrors && "unready"]
          .filter(Boolean)
          .join(" "),
      )
      .sort();
  }

  /** What the history has, latest first. */
  kinds(): string[] {
    return new StateStore(this.layout, "correct horse", undefined).history().map(({ kind }) => kind);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  private async run(
    kind: UpdateInfo["kind"],
    options: TestRunOptions,
    action: (deployment: Deployment) => Promise<void>,
  ): Promise<void> {
    const lock = options.preview ? undefined : StackLock.acquire(this.layout.lockDirectory);
    try {
      await this.runLocked(kind, options, action);
    } finally {
      lock?.release();
    }
  }

  private async runLocked(
    kind: UpdateInfo["kind"],
    options: TestRunOptions,
    action: (deployment: Deployment) => Promise<void>,
  ): Promise<void> {
    this.steps = [];
    this.cloud.calls.length = 0;
    const store = new StateStore(this.layout, "correct horse", undefined, this.journaledResources);
    if (!options.preview) store.fold();
    const { save } = store;
    store.save = (snapshot) =>
      save.call(store, () => {
        const written = snapshot();
        this.onWrite(written);
        return written;
      });
    const reporter = new Reporter((event) => this.note(event));
    const deployment = new Deployment({
      ...{ project: "test", stack: "s", directory: this.directory },
      preview: options.preview ?? false,
      parallel: options.parallel ?? 16,
      configuration: {},
      factories: { fake: () => this.cloud, ...this.factories },
      store,
      reporter,
      host: {
        environment: {},
        address: () => Promise.reject(new Error("Tests without a program serve none.")),
        readStack: async (reference) => ({ name: reference }),
      },
      signal: options.signal ?? new AbortController().signal,
      selection: options.selection,
    });
    await deployment.recover();
    await action(deployment);
    await store.complete(() => deployment.context.state.snapshot());
    if (!options.preview) {
      const times = { startTime: 1, endTime: 2 };
      store.recordUpdate({ kind, ...times, result: "succeeded", resourceChanges: { ...reporter.counts } });
    }
    const told = (wanted: string) =>
      reporter.diagnostics
        .filter(({ severity }) => severity === wanted)
        .map(({ urn, message }) => `${urn?.split("::").at(-1)}: ${message}`);
    this.errors = told("error");
    this.warnings = told("warning");
  }

  private note(event: EngineEvent): void {
    if (event.kind === "step-finished" && event.operation !== "same" && event.type !== STACK_TYPE) {
      this.steps.push(`${event.operation} ${event.name}`);
    }
    if (event.kind === "step-failed") this.steps.push(`failed ${event.operation} ${event.name}`);
  }
}
