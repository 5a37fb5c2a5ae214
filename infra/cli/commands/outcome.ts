/** How a run of an engine is told when it has ended. */
import { type ExitCode, exitCodes } from "../command";
import type { Context } from "../context";
import { formatDuration } from "../display/format";
import { summarize } from "../display/operations";
import type { ShownOutcome } from "../engines/run";

/** Writes the last line of a run, and returns the exit code that it asks for. */
export function conclude({ terminal }: Context, outcome: ShownOutcome): ExitCode {
  const { succeeded, interrupted, counts, durationMs } = outcome;
  const verdict = interrupted
    ? terminal.style("yellow", "Interrupted")
    : succeeded
      ? terminal.style("green", "Done")
      : terminal.style("red", "Failed");
  terminal.line(`${verdict} in ${formatDuration(durationMs)}: ${summarize(counts, "done")}`);
  if (interrupted) {
    return exitCodes.interrupted;
  }
  return succeeded ? exitCodes.done : exitCodes.failed;
}
