/**
 * What a run tells while it goes on, and what it answers at its end.
 */
import type { Properties } from "./provider";

export type Verb = "preview" | "up" | "refresh" | "destroy";

export type Operation =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "delete-replaced"
  | "same"
  | "read"
  | "refresh"
  | "discard"
  | "retain";

interface Step {
  operation: Operation;
  urn: string;
  type: string;
  name: string;
}

export interface Diagnostic {
  severity: "info" | "warning" | "error";
  urn?: string;
  message: string;
}

export type EngineEvent =
  | ({ kind: "step-started"; parent?: string } & Step)
  | { kind: "step-progress"; urn: string; message: string }
  | ({ kind: "step-finished"; durationMs: number; changedKeys: string[] } & Step)
  | ({ kind: "step-failed"; durationMs: number; message: string } & Step)
  | ({ kind: "diagnostic" } & Diagnostic);

export interface ResourceSummary {
  urn: string;
  type: string;
  name: string;
  id?: string;
  inputs: Properties;
  outputs: Properties;
  /** Whether a part of the inputs is a secret, which stands in them as a plain value. */
  secret: boolean;
}

export type Outputs = Record<string, { value: unknown; secret: boolean }>;

export interface RunResult {
  succeeded: boolean;
  counts: Partial<Record<Operation, number>>;
  outputs: Outputs;
  diagnostics: Diagnostic[];
  /** Secrets stand in them as plain values: whoever shows them takes care. */
  resources: ResourceSummary[];
}
