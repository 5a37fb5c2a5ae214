import type { Properties } from "../../../provider";
import { type Awaiter, isObserved, READY, type Verdict, waiting } from "./awaiter";
import { withPods } from "./pods";

/** All replicas are ready, and those that its update strategy covers are of the new revision. */
export const statefulSetAwaiter: Awaiter = { ...withPods, judge: ({ live }) => judgeStatefulSet(live) };

function judgeStatefulSet(live: Properties): Verdict {
  const { spec, status = {} } = live;
  if (!isObserved(live)) return waiting("waits for the statefulset controller");
  const wanted = spec.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, replicas = 0, currentRevision, updateRevision } = status;
  const rolls = spec.updateStrategy?.type !== "OnDelete" && currentRevision !== updateRevision;
  const kept = Math.min(spec.updateStrategy?.rollingUpdate?.partition ?? 0, wanted);
  const toUpdate = rolls ? wanted - kept : 0;
  if (updatedReplicas < toUpdate) return waiting(`${updatedReplicas}/${toUpdate} replicas updated`);
  if (readyReplicas < wanted) return waiting(`${readyReplicas}/${wanted} replicas ready`);
  if (replicas > wanted) return waiting(`${replicas - wanted} replicas end`);
  return READY;
}
