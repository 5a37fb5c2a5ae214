/** What a run of an engine is doing right now, from its events; knows nothing of how it is shown. */
import type { Diagnostic, EngineEvent, Operation } from "../../engine/events";
import { operations } from "./operations";

export interface RunningStep {
  operation: Operation;
  type: string;
  name: string;
  /** URN of the component that it belongs to. */
  parent?: string;
  startedAt: number;
  /** What a long step last said of itself. */
  message?: string;
}

type Finished = Extract<EngineEvent, { kind: "step-finished" }>;
type Failed = Extract<EngineEvent, { kind: "step-failed" }>;

/** What is worth a line that stays on the screen. */
export type News =
  | { kind: "finished"; step: Finished }
  | { kind: "failed"; step: Failed }
  | { kind: "diagnostic"; diagnostic: Diagnostic };

export class StepBoard {
  readonly running = new Map<string, RunningStep>();
  readonly counts: Partial<Record<Operation, number>> = {};
  failures = 0;
  readonly #told = new Set<string>();

  /** Takes an event in, and returns what to tell the user of it, if anything. */
  apply(event: EngineEvent): News | undefined {
    return this.#handlers[event.kind](event as never);
  }

  readonly #handlers: {
    [K in EngineEvent["kind"]]: (event: Extract<EngineEvent, { kind: K }>) => News | undefined;
  } = {
    "step-started": ({ urn, operation, type, name, parent }) => {
      this.running.set(urn, { operation, type, name, parent, startedAt: Date.now() });
      return undefined;
    },
    "step-progress": ({ urn, message }) => {
      const step = this.running.get(urn);
      if (step !== undefined) {
        step.message = message;
      }
      return undefined;
    },
    "step-finished": (step) => {
      this.running.delete(step.urn);
      this.counts[step.operation] = (this.counts[step.operation] ?? 0) + 1;
      return operations[step.operation].change ? { kind: "finished", step } : undefined;
    },
    "step-failed": (step) => {
      this.running.delete(step.urn);
      this.failures += 1;
      // The engine reports the same error as a diagnostic too, sometimes before the step.
      const isNews = this.#isNews(step.urn, step.message);
      return { kind: "failed", step: isNews ? step : { ...step, message: "" } };
    },
    diagnostic: (diagnostic) =>
      this.#isNews(diagnostic.urn, diagnostic.message) ? { kind: "diagnostic", diagnostic } : undefined,
  };

  #isNews(urn: string | undefined, message: string): boolean {
    const key = `${urn ?? ""}\n${message.trim()}`;
    const isNew = !this.#told.has(key);
    this.#told.add(key);
    return isNew;
  }
}
