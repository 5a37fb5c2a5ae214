import type * as pulumi from "@pulumi/pulumi";
import type { ResourceLimits } from "../../../container-spec";
import type { ScalingSpec, ScheduleSpec } from "../../../platform";
import { behavior } from "./behavior";
import { cpuShare, MEASURED_CONTAINER, memoryShare } from "./usage";

export const KEDA = "keda.sh/v1alpha1";

/** One of the things that move the replicas, in KEDA's words. */
export interface Trigger {
  type: string;
  metricType?: string;
  metadata: Record<string, pulumi.Input<string>>;
  authenticationRef?: { name: pulumi.Input<string> };
}

/** Whether a policy needs more than Kubernetes' own autoscaler. */
export function needsKeda({ queue, schedules }: ScalingSpec): boolean {
  return queue !== undefined || schedules.length > 0;
}

/** All of a policy for KEDA, which makes Kubernetes' own autoscaler from it; `queue` is the trigger of its queue. */
export function scaledObjectSpec(
  scaling: ScalingSpec,
  limits: ResourceLimits,
  scaleTargetRef: { apiVersion: string; kind: string; name: string },
  queue: Trigger | undefined,
) {
  return {
    scaleTargetRef,
    minReplicaCount: scaling.min,
    maxReplicaCount: scaling.max,
    // From the last one to none; all other steps are those of the autoscaler.
    cooldownPeriod: scaling.scaleInCooldownSeconds,
    advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(scaling) } },
    triggers: [
      ...ofMain(scaling, limits),
      ...(queue === undefined ? [] : [queue]),
      ...scaling.schedules.map(ofSchedule),
    ],
  };
}

function ofMain({ cpuPercent, memoryPercent }: ScalingSpec, limits: ResourceLimits): Trigger[] {
  const trigger = (type: string, value: string): Trigger => {
    return { type, metricType: "AverageValue", metadata: { value, containerName: MEASURED_CONTAINER } };
  };
  return [
    ...(cpuPercent === undefined ? [] : [trigger("cpu", cpuShare(limits, cpuPercent))]),
    ...(memoryPercent === undefined ? [] : [trigger("memory", memoryShare(limits, memoryPercent))]),
  ];
}

function ofSchedule({ start, end, timezone, min }: ScheduleSpec): Trigger {
  return { type: "cron", metadata: { start, end, timezone, desiredReplicas: String(min) } };
}
