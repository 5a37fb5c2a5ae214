/** The interface that both engines have. */
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

export interface EngineRun extends StackLocation {
  verb: Verb;
  signal: AbortSignal;
  onEvent(event: EngineEvent): void;
  /** For `preview`: changes make the run fail. */
  expectNoChanges?: boolean;
  /** For `destroy`: what holds data stays on the target, and only leaves the state. */
  keepData?: boolean;
}

export interface Outcome {
  succeeded: boolean;
  /** Undefined when the engine has told the user itself. */
  counts?: RunResult["counts"];
  diagnostics: RunResult["diagnostics"];
}

export interface Engine {
  /** Whether it writes its progress on the terminal itself, so that nobody else may. */
  readonly showsProgress: boolean;
  run(run: EngineRun): Promise<Outcome>;
  /** The outputs of a stack; undefined when there is no such stack. */
  outputs(location: StackLocation): Promise<Outputs | undefined>;
  /** Forgets a destroyed stack; its configuration file stays. */
  remove(location: StackLocation): Promise<void>;
}
