/** Trying again what fails only for now. */
import { setTimeout as delay } from "node:timers/promises";

const PAUSES_SECONDS = [1, 2, 4, 8];

/** Repeats the attempt while its error is one that passes, for 15 seconds at most. */
export async function retryWhile<T>(
  attempt: () => Promise<T>,
  passes: (error: unknown) => boolean,
  { signal, onRetry }: { signal: AbortSignal; onRetry(error: Error): void },
): Promise<T> {
  for (const seconds of PAUSES_SECONDS) {
    try {
      return await attempt();
    } catch (error) {
      if (!passes(error)) throw error;
      onRetry(error as Error);
      await delay(seconds * 1000, undefined, { signal });
    }
  }
  return attempt();
}
