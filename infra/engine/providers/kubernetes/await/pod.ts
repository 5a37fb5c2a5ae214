import type { Properties } from "../../../provider";
import { type Awaiter, condition, failed, READY, type Verdict, waiting } from "./awaiter";
import { troubleOf, withPods } from "./pods";

/** Ready, or done with success. */
export const podAwaiter: Awaiter = { ...withPods, judge: ({ live }) => judgePod(live) };

function judgePod(live: Properties): Verdict {
  const { phase = "Pending" } = live.status ?? {};
  if (phase === "Failed") return failed(troubleOf(live)?.message ?? "failed");
  if (phase === "Succeeded" || condition(live, "Ready")?.status === "True") return READY;
  return waiting(phase === "Running" ? "runs and is not ready" : `is ${phase.toLowerCase()}`);
}
