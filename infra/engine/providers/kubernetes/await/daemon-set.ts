import type { Properties } from "../../../provider";
import { type Awaiter, isObserved, READY, type Verdict, waiting } from "./awaiter";
import { withPods } from "./pods";

/** Every node that should have a pod has an available one, of the new revision unless updates wait for deletes. */
export const daemonSetAwaiter: Awaiter = { ...withPods, judge: ({ live }) => judgeDaemonSet(live) };

function judgeDaemonSet(live: Properties): Verdict {
  const { spec, status = {} } = live;
  if (!isObserved(live)) return waiting("waits for the daemonset controller");
  const {
    desiredNumberScheduled: wanted = 0,
    updatedNumberScheduled: updated = 0,
    numberAvailable = 0,
  } = status;
  if (spec.updateStrategy?.type !== "OnDelete" && updated < wanted) {
    return waiting(`${updated}/${wanted} pods updated`);
  }
  if (numberAvailable < wanted) return waiting(`${numberAvailable}/${wanted} pods available`);
  return READY;
}
