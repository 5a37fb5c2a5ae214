/** The one property of the engine: whatever people write and then change, see `rehearse`. */
import * as fc from "fast-check";
import { scenarios } from "./programs";
import { rehearse } from "./rehearsal";

/**
 * Plays so many scenarios. A failure is shrunk and told with its seed; `SEED` and `SHRINK_PATH` play it again.
 *
 * @param seed what the scenarios follow from, unless the environment says
 */
export async function assertScenarios(count: number, seed: number): Promise<void> {
  const { SEED, SHRINK_PATH } = process.env;
  await fc.assert(fc.asyncProperty(scenarios, rehearse), {
    ...{ numRuns: count, seed: SEED ? Number(SEED) : seed, includeErrorInReport: true },
    ...(SHRINK_PATH ? { path: SHRINK_PATH } : {}),
  });
}
