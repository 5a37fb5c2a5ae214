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
  | "import"
  | "refresh"
  | "discard"
  | "retain";

interface Step {
  operation: Operation;
  urn: string;
  type: string;
  name: string;
}

export type ChangeKind = "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";

/** One property that a step changes. The kinds with `-replace` are those that ask for a new resource. */
export interface PropertyChange {
  /** As resource options write it: `ports[0].internal`, `labels["a.b"]`. */
  path: string;
  kind: ChangeKind;
  /** Left out by the kind `add`. A secret is `[secret]`, a value that is not known yet `[unknown]`. */
  old?: unknown;
  /** Left out by the kind `delete`; masked as `old`. */
  new?: unknown;
}

export interface Diagnostic {
  severity: "info" | "warning" | "error";
  urn?: string;
  message: string;
}

export type EngineEvent =
  | ({ kind: "step-started"; parent?: string } & Step)
  | { kind: "step-progress"; urn: string; message: string }
  | ({
      kind: "step-finished";
      durationMs: number;
      /** Left out where there is none (yet). */
      id?: string;
      changedKeys: string[];
      /** All properties of what is made or deleted; those that differ of what is changed. */
      changes: PropertyChange[];
    } & Step)
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
