/** Containers that run once: init containers and tasks. */
import type { Properties } from "../../provider";

/** Whether a container of a state was to run to its end, and ended with an error. */
export function failedToComplete({ inputs, outputs }: { inputs: Properties; outputs: Properties }): boolean {
  const runsOnce = inputs.attach === true && inputs.mustRun === false;
  return runsOnce && typeof outputs.exitCode === "number" && outputs.exitCode !== 0;
}
