/**
 * Collects what happens in a run, and says it to whoever listens.
 */
import type { Diagnostic, EngineEvent, Operation, PropertyChange } from "../events";
import { UNKNOWN } from "../provider";
import { SecretTexts } from "../wire/secret-texts";
import { urnName } from "./urn";

/** A failure whose words the user has got already. */
export class ReportedError extends Error {}

export interface StepSubject {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
}

/** What a step does to a resource, for people. */
export interface StepDetail {
  changedKeys?: string[];
  changes?: PropertyChange[];
}

export class Reporter {
  readonly counts: Partial<Record<Operation, number>> = {};
  readonly diagnostics: Diagnostic[] = [];
  /** One error can fail many resources, as that of a provider they share. */
  private readonly told = new WeakSet<Error>();

  constructor(
    private readonly listener: ((event: EngineEvent) => void) | undefined,
    /** None of them is told, whoever quotes it. */
    readonly secrets = new SecretTexts(),
  ) {}

  get failed(): boolean {
    return this.diagnostics.some(({ severity }) => severity === "error");
  }

  diagnostic(severity: Diagnostic["severity"], message: string, urn?: string): void {
    const masked = this.secrets.mask(message);
    const diagnostic: Diagnostic = { severity, ...(urn ? { urn } : {}), message: masked };
    this.diagnostics.push(diagnostic);
    this.listener?.({ kind: "diagnostic", ...diagnostic });
  }

  progress(urn: string, message: string): void {
    this.listener?.({ kind: "step-progress", urn, message: this.secrets.mask(message) });
  }

  /** Runs a step between its first and its last event. */
  async step<Result>(
    operation: Operation,
    subject: StepSubject,
    detail: StepDetail,
    action: () => Promise<Result>,
  ): Promise<Result> {
    const parent = subject.parent ? { parent: subject.parent } : {};
    this.listener?.({ kind: "step-started", operation, ...this.name(subject), ...parent });
    const started = performance.now();
    try {
      const result = await action();
      this.finished(operation, subject, detail, performance.now() - started);
      return result;
    } catch (error) {
      throw this.stepFailed(operation, subject, error, performance.now() - started);
    }
  }

  finished(operation: Operation, subject: StepSubject, detail: StepDetail = {}, durationMs = 0): void {
    this.counts[operation] = (this.counts[operation] ?? 0) + 1;
    this.listener?.({
      kind: "step-finished",
      operation,
      ...this.name(subject),
      ...(subject.id && subject.id !== UNKNOWN ? { id: subject.id } : {}),
      durationMs: Math.round(durationMs),
      changedKeys: detail.changedKeys ?? [],
      changes: detail.changes ?? [],
    });
  }

  /** Tells a failure once: live as an event, at the end as a diagnostic. */
  stepFailed(operation: Operation, subject: StepSubject, error: unknown, durationMs = 0): ReportedError {
    if (error instanceof ReportedError) return error;
    const message = this.secrets.mask(error instanceof Error ? error.message : String(error));
    if (error instanceof Error) {
      if (this.told.has(error)) return new ReportedError(message);
      this.told.add(error);
    }
    this.diagnostics.push({ severity: "error", urn: subject.urn, message });
    this.listener?.({
      kind: "step-failed",
      operation,
      ...this.name(subject),
      durationMs: Math.round(durationMs),
      message,
    });
    return new ReportedError(message);
  }

  /** An error as it may leave the run. */
  masked(error: unknown): unknown {
    if (error instanceof Error) {
      error.message = this.secrets.mask(error.message);
      if (error.stack) error.stack = this.secrets.mask(error.stack);
    }
    return error;
  }

  private name({ urn, type }: StepSubject) {
    return { urn, type, name: urnName(urn) };
  }
}
