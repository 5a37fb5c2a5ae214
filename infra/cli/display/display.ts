/** Shows a run of an engine while it goes on. */
import type { EngineEvent } from "../../engine/events";
import type { Terminal } from "../terminal";
import { LiveDisplay } from "./live-display";
import type { Tense } from "./operations";
import { PlainDisplay } from "./plain-display";

export interface Display {
  show(event: EngineEvent): void;
  /** Leaves the terminal as a command may write to it; safe to call twice. */
  close(): void;
}

/**
 * A display that redraws in place on a terminal, and writes a line per finished step elsewhere.
 *
 * @param title what goes on, e.g. `"Updating shop/dev"`.
 */
export function openDisplay(terminal: Terminal, title: string, tense: Tense): Display {
  return new (terminal.interactive ? LiveDisplay : PlainDisplay)(terminal, title, tense);
}
