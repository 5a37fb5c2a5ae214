/** Runs an engine with everything that the user sees and can do meanwhile. */
import type { SelectionOptions } from "../../engine";
import type { Diagnostic, EngineEvent, Verb } from "../../engine/events";
import type { Context } from "../context";
import { type Display, openDisplay } from "../display/display";
import { plural } from "../display/format";
import { countChanges } from "../display/operations";
import type { Session } from "../session";
import type { Engine, EngineRun, Outcome } from "./engine";

const titles: Record<Verb, string> = {
  preview: "Previewing",
  up: "Updating",
  refresh: "Refreshing",
  destroy: "Destroying",
};

export interface Run extends SelectionOptions, Pick<EngineRun, "keepData" | "parallel"> {
  verb: Verb;
  /** Changes, made or foreseen, make the run fail. */
  expectNoChanges?: boolean;
  /** Shows nothing: the outcome has all diagnostics then. */
  silent?: boolean;
  /** Sees each event after the display. */
  onEvent?(event: EngineEvent): void;
}

export interface ShownOutcome extends Outcome {
  durationMs: number;
  interrupted: boolean;
}

export async function runEngine(
  { terminal, interruption }: Context,
  { location, label }: Session,
  engine: Engine,
  { onEvent, expectNoChanges = false, silent = false, ...run }: Run,
): Promise<ShownOutcome> {
  const startedAt = Date.now();
  const tense = run.verb === "preview" ? "toDo" : "done";
  const display = silent ? noDisplay : openDisplay(terminal, `${titles[run.verb]} ${label}`, tense);
  const diagnostics = new Map<string, Diagnostic>();
  const tell = (diagnostic: Diagnostic) => {
    diagnostics.set(JSON.stringify(diagnostic), diagnostic);
    display.show({ kind: "diagnostic", ...diagnostic });
  };
  const signal = interruption.cooperate(() => tell(stopping));
  try {
    const outcome = await engine.run({
      ...location,
      ...run,
      signal,
      onEvent: (event) => {
        const seen = asDiagnostic(event);
        if (seen !== undefined) {
          diagnostics.set(JSON.stringify(seen), seen);
        }
        display.show(event);
        onEvent?.(event);
      },
    });
    // The display drops those that it has shown as events.
    for (const diagnostic of outcome.diagnostics) {
      tell(diagnostic);
    }
    const unexpected = expectNoChanges ? countChanges(outcome.counts) : 0;
    if (unexpected > 0) {
      const verb = tense === "toDo" ? "There would be" : `There ${unexpected === 1 ? "was" : "were"}`;
      const message = `${verb} ${plural(unexpected, "change")}, and --expect-no-changes was given.`;
      tell({ severity: "error", message });
    }
    return {
      ...outcome,
      diagnostics: [...diagnostics.values()],
      succeeded: outcome.succeeded && unexpected === 0,
      durationMs: Date.now() - startedAt,
      interrupted: signal.aborted && !outcome.succeeded,
    };
  } finally {
    display.close();
  }
}

const noDisplay: Display = { show: () => undefined, close: () => undefined };

/** What an event says of a failure or by itself; an engine may tell it at its end once more. */
function asDiagnostic(event: EngineEvent): Diagnostic | undefined {
  if (event.kind === "step-failed") {
    return { severity: "error", urn: event.urn, message: event.message };
  }
  if (event.kind === "diagnostic") {
    const { kind: _, ...diagnostic } = event;
    return diagnostic;
  }
  return undefined;
}

const stopping: Diagnostic = {
  severity: "info",
  message: "stopping: running steps end, nothing new starts; Ctrl-C again stops at once",
};
