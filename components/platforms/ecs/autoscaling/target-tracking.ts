import { Policy } from "@pulumi/aws/appautoscaling/policy";
import type { input } from "@pulumi/aws/types";
import * as pulumi from "@pulumi/pulumi";
import type { ScalingSpec } from "../../../platform";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import { finestResolution } from "./resolution";
import type { Scalable } from "./scalable";

type Metric =
  input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification;

/** A value to hold, and what measures it. */
interface Tracked {
  part: string;
  value: number | undefined;
  metric(): Metric;
}

const SECONDS_PER_MINUTE = 60;

/** Holds each metric of a policy at its value: the one that asks for most replicas wins, and all must agree on fewer. */
export function targetTracking(
  host: EcsHost,
  name: string,
  scaling: ScalingSpec,
  workload: EcsWorkload,
  target: Scalable,
  highResolution: boolean,
  parent: pulumi.Resource,
): Policy[] {
  const { cpuPercent, memoryPercent } = scaling;
  const isUsed = cpuPercent !== undefined || memoryPercent !== undefined;
  const seconds = isUsed && highResolution ? finestResolution(host, workload, parent) : 60;
  const usage = (kind: "CPU" | "Memory"): Metric => ({
    predefinedMetricType: pulumi
      .output(seconds)
      .apply((known) => `ECSServiceAverage${kind}Utilization${known === 20 ? "HighResolution" : ""}`),
  });
  const tracked: Tracked[] = [
    { part: "cpu", value: cpuPercent, metric: () => usage("CPU") },
    { part: "memory", value: memoryPercent, metric: () => usage("Memory") },
    {
      part: "requests",
      // AWS counts them by the minute.
      value: scaling.requestsPerSecond && scaling.requestsPerSecond * SECONDS_PER_MINUTE,
      metric: () => ({
        predefinedMetricType: "ALBRequestCountPerTarget",
        resourceLabel: requestLabel(name, scaling, workload),
      }),
    },
  ];
  return tracked
    .filter(({ value }) => value !== undefined)
    .map(({ part, value, metric }) => {
      return new Policy(
        `${name}-${part}`,
        {
          name: `${host.prefix}-${name}-${part}`,
          policyType: "TargetTrackingScaling",
          ...target,
          targetTrackingScalingPolicyConfiguration: {
            targetValue: value!,
            predefinedMetricSpecification: metric(),
            scaleInCooldown: scaling.scaleInCooldownSeconds,
            scaleOutCooldown: scaling.scaleOutCooldownSeconds,
          },
        },
        host.options(parent),
      );
    });
}

/** By what the load balancer in front of a workload counts, once it is known whether there is one. */
function requestLabel(
  name: string,
  { requestsPerSecond }: ScalingSpec,
  workload: EcsWorkload,
): pulumi.Output<string> {
  const metric = workload.attached.then((all) => {
    const [first] = all.flatMap(({ requestMetric }) => requestMetric ?? []);
    if (first === undefined) {
      const rule = `cannot be kept on ECS for "${workload.name}", whose requests no load balancer of kind alb counts`;
      throw new pulumi.RunError(
        `AutoscalingPolicy "${name}": requestsPerSecond ${rule}, got ${requestsPerSecond}. Write cpuPercent: 60 instead.`,
      );
    }
    return first;
  });
  return pulumi.output(metric).apply(({ balancer, targets }) => `${balancer}/${targets}`);
}
