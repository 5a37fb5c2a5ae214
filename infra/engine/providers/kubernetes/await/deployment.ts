import type { Properties } from "../../../provider";
import { type Awaiter, condition, failed, isObserved, READY, type Verdict, waiting } from "./awaiter";
import { withPods } from "./pods";

/** Rolled out: all replicas are of the new revision and available, and none of the old is left. */
export const deploymentAwaiter: Awaiter = { ...withPods, judge: ({ live }) => judgeDeployment(live) };

function judgeDeployment(live: Properties): Verdict {
  const { spec, status = {} } = live;
  if (!isObserved(live)) return waiting("waits for the deployment controller");
  const progressing = condition(live, "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    return failed(progressing.message ?? "made no progress within its progressDeadlineSeconds");
  }
  const wanted = spec.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const refused = condition(live, "ReplicaFailure");
  if (refused?.status === "True" && updatedReplicas < wanted) {
    return waiting(`pods cannot be made: ${refused.message}`);
  }
  if (updatedReplicas < wanted) return waiting(`${updatedReplicas}/${wanted} replicas updated`);
  if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old replicas end`);
  if (availableReplicas < wanted) return waiting(`${availableReplicas}/${wanted} replicas available`);
  return READY;
}
