/** Runs an engine with everything that the user sees and can do meanwhile. */
import type { Diagnostic, EngineEvent, Verb } from "../../engine/events";
import type { Context } from "../context";
import { openDisplay } from "../display/display";
import type { Session } from "../session";
import type { Engine, EngineRun, Outcome } from "./engine";

const titles: Record<Verb, string> = {
  preview: "Previewing",
  up: "Updating",
  refresh: "Refreshing",
  destroy: "Destroying",
};

export interface Run extends Pick<EngineRun, "expectNoChanges" | "keepData"> {
  verb: Verb;
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
  { onEvent, ...run }: Run,
): Promise<ShownOutcome> {
  const startedAt = Date.now();
  const display = engine.showsProgress
    ? undefined
    : openDisplay(terminal, `${titles[run.verb]} ${label}`, run.verb === "preview" ? "toDo" : "done");
  const signal = interruption.cooperate(() => display?.show({ kind: "diagnostic", ...stopping }));
  try {
    const outcome = await engine.run({
      ...location,
      ...run,
      signal,
      onEvent: (event) => {
        display?.show(event);
        onEvent?.(event);
      },
    });
    // The display drops those that it has shown as events.
    for (const diagnostic of outcome.diagnostics) {
      display?.show({ kind: "diagnostic", ...diagnostic });
    }
    return {
      ...outcome,
      durationMs: Date.now() - startedAt,
      interrupted: signal.aborted && !outcome.succeeded,
    };
  } finally {
    display?.close();
  }
}

const stopping: Diagnostic = {
  severity: "info",
  message: "stopping: running steps end, nothing new starts; Ctrl-C again stops at once",
};
