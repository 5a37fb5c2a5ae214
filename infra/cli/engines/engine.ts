/** The interface that both engines have. */
import type { ExportedDeployment, SelectionOptions } from "../../engine";
import type { EngineEvent, Outputs, RunResult, Verb } from "../../engine/events";

export const engineNames = ["pulumi", "embedded"] as const;
export type EngineName = (typeof engineNames)[number];

/** One stack of a project, and where its state and secrets are. */
export interface StackLocation {
  /** Folder of the project. */
  directory: string;
  stack: string;
  backendUrl: string;
  passphrase: string;
}

export interface EngineRun extends StackLocation, SelectionOptions {
  verb: Verb;
  signal: AbortSignal;
  onEvent(event: EngineEvent): void;
  /** How many resources are worked on at once; the engine's own default where it is left out. */
  parallel?: number;
  /** For `destroy`: what holds data stays on the target, and only leaves the state. */
  keepData?: boolean;
}

export interface Outcome {
  succeeded: boolean;
  counts: RunResult["counts"];
  diagnostics: RunResult["diagnostics"];
}

export interface ListedStack {
  name: string;
  /** ISO time; undefined before the first update. */
  lastUpdate?: string;
  resourceCount?: number;
}

/** One run of a stack that changed its state. */
export interface HistoryEntry {
  /** Counts from 1. */
  version: number;
  kind: string;
  startedAt: Date;
  endedAt: Date;
  result: string;
  /** By the operation's name in Pulumi. */
  resourceChanges: Record<string, number>;
}

export interface Engine {
  run(run: EngineRun): Promise<Outcome>;
  /** The outputs of a stack; undefined when there is no such stack. */
  outputs(location: StackLocation): Promise<Outputs | undefined>;
  /** Forgets a stack; its configuration file stays. `force`: although it has resources, which then stay too. */
  remove(location: StackLocation, options?: { force: boolean }): Promise<void>;
  /** The project's stacks in the backend. */
  stacks(location: StackLocation): Promise<ListedStack[]>;
  /** The state, in the format of `pulumi stack export`. */
  exportState(
    location: StackLocation,
    options: { showSecrets: boolean; version?: number },
  ): Promise<ExportedDeployment>;
  /** Puts an exported state in the place of the stack's own; returns what was wrong with it, which `force` allows. */
  importState(
    location: StackLocation,
    deployment: ExportedDeployment,
    options: { force: boolean },
  ): Promise<string[]>;
  /** Seals the secrets of configuration and state anew; `newPassphrase` is for the provider "passphrase". */
  changeSecretsProvider(location: StackLocation, provider: string, newPassphrase: string): Promise<void>;
  /** Latest first. */
  history(location: StackLocation): Promise<HistoryEntry[]>;
  /** Takes off the lock of a run that is gone for good. */
  cancel(location: StackLocation): Promise<void>;
}
