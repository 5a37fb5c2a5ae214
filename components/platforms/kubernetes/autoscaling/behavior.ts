import type { input } from "@pulumi/kubernetes/types";
import type { ScalingSpec } from "../../../platform";

type Behavior = input.autoscaling.v2.HorizontalPodAutoscalerBehavior;

/** Longest period of a rule that Kubernetes accepts. */
export const LONGEST_PERIOD_SECONDS = 1800;

/**
 * The cooldowns as Kubernetes knows them. Up: the first step is taken at once and may double the replicas, or add four; the
 * next one waits. Down: no step before the load was low for the whole time, and then half of them, or one.
 */
export function behavior(scaling: ScalingSpec): Behavior {
  const [up, down] = [scaling.scaleOutCooldownSeconds, scaling.scaleInCooldownSeconds].map(period);
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 100, periodSeconds: up },
        { type: "Pods", value: 4, periodSeconds: up },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: scaling.scaleInCooldownSeconds,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 50, periodSeconds: down },
        { type: "Pods", value: 1, periodSeconds: down },
      ],
    },
  };
}

function period(cooldownSeconds: number): number {
  return Math.min(LONGEST_PERIOD_SECONDS, Math.max(1, cooldownSeconds));
}
