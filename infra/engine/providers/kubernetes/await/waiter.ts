/** Looks again whenever something changes, until it is enough or the time is up. */
import type { View } from "../watches";
import type { Verdict } from "./awaiter";

/** Changes come in bursts; one look for all of a burst. */
const BURST_MS = 50;

export interface Wait {
  /** What to look at again, and by which key. */
  watched: { view: View; key: string }[];
  judge(): Verdict;
  signal: AbortSignal;
  timeoutMs: number;
  onMessage(message: string): void;
}

/** How a wait ended: what was judged last, and whether time or the user cut it short. */
export interface Outcome {
  verdict: Verdict;
  cut?: "timeout" | "signal";
}

export function wait({ watched, judge, signal, timeoutMs, onMessage }: Wait): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const releases: (() => void)[] = [];
    let verdict: Verdict;
    let told: string | undefined;
    let burst: NodeJS.Timeout | undefined;
    let again: NodeJS.Timeout | undefined;
    const end = (cut?: Outcome["cut"]) => {
      for (const release of releases) release();
      clearTimeout(burst);
      clearTimeout(again);
      resolve({ verdict, cut });
    };
    const look = () => {
      burst = undefined;
      try {
        verdict = judge();
      } catch (error) {
        end();
        return reject(error);
      }
      if (verdict.state !== "waiting") return end();
      if (verdict.message !== told) onMessage(verdict.message);
      told = verdict.message;
      clearTimeout(again);
      if (verdict.againMs !== undefined) again = setTimeout(look, verdict.againMs);
    };
    for (const { view, key } of watched) {
      releases.push(
        view.subscribe(key, () => {
          burst ??= setTimeout(look, BURST_MS);
        }),
      );
    }
    const onAbort = () => end("signal");
    signal.addEventListener("abort", onAbort, { once: true });
    releases.push(() => signal.removeEventListener("abort", onAbort));
    if (Number.isFinite(timeoutMs)) {
      const timer = setTimeout(() => end("timeout"), timeoutMs);
      releases.push(() => clearTimeout(timer));
    }
    look();
    if (signal.aborted) end("signal");
  });
}
