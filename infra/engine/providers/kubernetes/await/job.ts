import type { Properties } from "../../../provider";
import { type Awaiter, condition, failed, READY, type Verdict, waiting } from "./awaiter";
import { withPods } from "./pods";

/** Complete; a suspended job waits for somebody else. */
export const jobAwaiter: Awaiter = { ...withPods, judge: ({ live }) => judgeJob(live) };

function judgeJob(live: Properties): Verdict {
  const { spec, status = {} } = live;
  const failure = condition(live, "Failed");
  if (failure?.status === "True") return failed(failure.message ?? failure.reason ?? "failed");
  if (condition(live, "Complete")?.status === "True" || spec.suspend) return READY;
  const { succeeded = 0, active = 0, failed: failures = 0 } = status;
  const counts = [
    `${succeeded}/${spec.completions ?? 1} completed`,
    `${active} running`,
    ...(failures > 0 ? [`${failures} failed`] : []),
  ];
  return waiting(counts.join(", "));
}
