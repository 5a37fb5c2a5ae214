/** Waiting for the daemon, cut short by an aborted signal. */
import { setTimeout as delay } from "node:timers/promises";

const RETRY_MS = 250;

/** Waits, or throws when the signal is aborted. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, { signal });

/** Tries again while the error is one that passes; throws the last one when the time is up. */
export async function retryWhile<T>(
  attempt: () => Promise<T>,
  passes: (error: unknown) => boolean,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!passes(error) || Date.now() > end) throw error;
      await pause(RETRY_MS, signal);
    }
  }
}

/** Whether the daemon's time of creation is not before `since`; some of its times are in whole seconds. */
export function madeSince(created: string | undefined, since: Date): boolean {
  const second = 1000;
  return (
    created !== undefined && Date.parse(created) >= Math.floor(since.getTime() / second) * second - second
  );
}
