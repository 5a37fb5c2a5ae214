import type { input } from "@pulumi/kubernetes/types";
import type { ResourceLimits } from "../../../container-spec";
import type { ScalingSpec } from "../../../platform";
import { behavior } from "./behavior";
import { cpuShare, MEASURED_CONTAINER, memoryShare } from "./usage";

type Spec = input.autoscaling.v2.HorizontalPodAutoscalerSpec;
type Metric = input.autoscaling.v2.MetricSpec;

/** The group that serves metrics of pods other than cpu and memory, in the two versions that adapters speak. */
export const CUSTOM_METRICS = ["custom.metrics.k8s.io/v1beta2", "custom.metrics.k8s.io/v1beta1"];

/** Requests per second of a pod, as the cluster's metrics adapter has to serve them. */
export const REQUESTS_METRIC = "http_requests_per_second";

/** Kubernetes' own autoscaler, for what the cluster's metrics APIs serve. */
export function autoscalerSpec(
  scaling: ScalingSpec,
  limits: ResourceLimits,
  scaleTargetRef: Spec["scaleTargetRef"],
): Spec {
  return {
    scaleTargetRef,
    minReplicas: scaling.min,
    maxReplicas: scaling.max,
    metrics: metrics(scaling, limits),
    behavior: behavior(scaling),
  };
}

function metrics(
  { cpuPercent, memoryPercent, requestsPerSecond }: ScalingSpec,
  limits: ResourceLimits,
): Metric[] {
  return [
    ...(cpuPercent === undefined ? [] : [ofContainer("cpu", cpuShare(limits, cpuPercent))]),
    ...(memoryPercent === undefined ? [] : [ofContainer("memory", memoryShare(limits, memoryPercent))]),
    ...(requestsPerSecond === undefined ? [] : [ofPods(REQUESTS_METRIC, String(requestsPerSecond))]),
  ];
}

function ofContainer(name: string, averageValue: string): Metric {
  const target = { type: "AverageValue", averageValue };
  return { type: "ContainerResource", containerResource: { name, container: MEASURED_CONTAINER, target } };
}

function ofPods(name: string, averageValue: string): Metric {
  return { type: "Pods", pods: { metric: { name }, target: { type: "AverageValue", averageValue } } };
}
