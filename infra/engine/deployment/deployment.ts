/**
 * One run of the engine over a stack, seen from the servers and from `run`.
 */

import type { ConfigurationValue } from "../project/configuration";
import type { ProviderFactory, ProviderHost } from "../provider";
import { ProviderRegistry } from "../providers/registry";
import type { ResourceRecord } from "../state/records";
import type { StateStore } from "../state/store";
import type { DeploymentContext } from "./context";
import { Deletions } from "./deletions";
import { Hooks } from "./hooks";
import { Lifecycle } from "./lifecycle";
import { Limiter } from "./limiter";
import { recoverInterrupted } from "./recovery";
import { Refresh } from "./refresh";
import { Registrar } from "./registrar";
import { Replacements } from "./replacements";
import type { Reporter } from "./reporter";
import { Selection, type SelectionOptions } from "./selection";
import { StackState } from "./stack-state";
import { Steps } from "./steps";

export interface DeploymentOptions {
  project: string;
  stack: string;
  directory: string;
  preview: boolean;
  parallel: number;
  configuration: Record<string, ConfigurationValue>;
  factories: Record<string, ProviderFactory>;
  store: Pick<StateStore, "load" | "save">;
  reporter: Reporter;
  host: Pick<ProviderHost, "environment" | "address" | "readStack">;
  signal: AbortSignal;
  selection?: SelectionOptions;
  retain?: (resource: ResourceRecord) => boolean;
  /** Whether the program's hooks are left out, as nothing is really done. */
  rehearsal?: boolean;
}

export class Deployment {
  readonly context: DeploymentContext;
  readonly lifecycle: Lifecycle;
  readonly registrar: Registrar;
  readonly hooks: Hooks;
  private readonly deletions: Deletions;
  private finishing: Promise<void> | undefined;

  constructor(options: DeploymentOptions) {
    const { project, stack, directory, preview, reporter, signal, store } = options;
    const state = new StackState(store, preview);
    for (const { inputs, outputs } of state.before()) {
      reporter.secrets.learn(inputs);
      reporter.secrets.learn(outputs);
    }
    const limiter = new Limiter(options.parallel);
    const providers = new ProviderRegistry(options.factories, (reference) => state.provider(reference), {
      ...{ ...options.host, directory },
      run: { project, stack, preview, parallel: options.parallel, configuration: options.configuration },
      onLine: (line) => reporter.diagnostic("info", line),
    });
    signal.addEventListener("abort", () => providers.cancel(), { once: true });
    const retain = (resource: ResourceRecord) =>
      resource.retainOnDelete === true || options.retain?.(resource) === true;
    this.context = {
      retain,
      project,
      stack,
      directory,
      preview,
      reporter,
      signal,
      state,
      limiter,
      providers,
      selection: new Selection(options.selection ?? {}),
    };
    this.lifecycle = new Lifecycle(limiter, signal);
    this.hooks = new Hooks(this.context, options.rehearsal ?? false);
    this.deletions = new Deletions(this.context, this.hooks);
    const replacements = new Replacements(this.context, this.deletions);
    const steps = new Steps(this.context, this.hooks, replacements);
    this.registrar = new Registrar(this.context, steps, this.hooks, options.configuration);
  }

  /** Ends what providers have started. */
  close(): void {
    this.context.providers.close();
  }

  recover(): Promise<void> {
    return recoverInterrupted(this.context);
  }

  /** The program has registered everything: what it left out goes. Once, however often it is called. */
  finish(): Promise<void> {
    this.finishing ??= this.removeRemaining();
    return this.finishing;
  }

  async refresh(): Promise<void> {
    await new Refresh(this.context).run();
  }

  /** Deletes all that is not registered; everything, when no program ran. */
  async removeRemaining(): Promise<void> {
    if (!this.context.limiter.isClosed) await this.deletions.removeRemaining();
    await this.context.state.save();
  }
}
