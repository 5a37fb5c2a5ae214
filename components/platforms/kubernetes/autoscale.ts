import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler";
import type * as pulumi from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi/errors";
import type { Autoscaler, ScalingSpec } from "../../platform";
import { Problems } from "../../problems";
import { LONGEST_PERIOD_SECONDS } from "./autoscaling/behavior";
import { autoscalerSpec, CUSTOM_METRICS, REQUESTS_METRIC } from "./autoscaling/hpa";
import { KEDA, needsKeda, scaledObjectSpec } from "./autoscaling/keda";
import { queueTrigger } from "./autoscaling/queue";
import type { ClusterNeeds } from "./cluster-needs";
import type { KubernetesHost } from "./host";
import type { KubernetesWorkload } from "./workload";

/**
 * Moves a workload's replicas, whose number is already left to the policy: by Kubernetes' own autoscaler, or by KEDA where
 * the policy has a queue or schedules. One object has all metrics, as two would each set a number of their own.
 */
export function autoscale(
  host: KubernetesHost,
  name: string,
  scaling: ScalingSpec,
  workload: KubernetesWorkload,
  parent: pulumi.Resource,
): Autoscaler {
  checkScaling(name, scaling);
  const { resources: limits } = workload.spec.main;
  const kind = workload.statefulSet === undefined ? "Deployment" : "StatefulSet";
  const target = { apiVersion: "apps/v1", kind, name: workload.name };
  const metadata = host.metadata(workload.name, workload.name);
  const options = host.options(parent, { dependsOn: [workload] });
  if (needsKeda(scaling)) {
    needKeda(host.cluster, name);
    const queue = scaling.queue && queueTrigger(host, name, scaling.queue, parent);
    const spec = scaledObjectSpec(scaling, limits, target, queue);
    new CustomResource(`${name}-scaler`, { apiVersion: KEDA, kind: "ScaledObject", metadata, spec }, options);
  } else {
    if (scaling.requestsPerSecond !== undefined) {
      needCustomMetrics(host.cluster, name);
    }
    const spec = autoscalerSpec(scaling, limits, target);
    new HorizontalPodAutoscaler(`${name}-scaler`, { metadata, spec }, options);
  }
  return { enforced: true };
}

/** What a policy may ask for elsewhere, but not on Kubernetes. */
function checkScaling(name: string, scaling: ScalingSpec): void {
  const problems = new Problems(`AutoscalingPolicy "${name}"`);
  const { requestsPerSecond, scaleOutCooldownSeconds } = scaling;
  if (requestsPerSecond !== undefined && needsKeda(scaling)) {
    const rule = "cannot be kept beside queue or schedules on Kubernetes, as KEDA does not read that metric";
    problems.add(
      "requestsPerSecond",
      rule,
      requestsPerSecond,
      "Take it out, or write cpuPercent: 60 instead.",
    );
  }
  if (scaleOutCooldownSeconds > LONGEST_PERIOD_SECONDS) {
    const rule = `must be at most ${LONGEST_PERIOD_SECONDS} seconds on Kubernetes`;
    problems.add(
      "scaleOutCooldownSeconds",
      rule,
      scaleOutCooldownSeconds,
      `Write ${LONGEST_PERIOD_SECONDS}.`,
    );
  }
  problems.throwIfAny();
}

function needKeda(cluster: ClusterNeeds, name: string): void {
  cluster.ask(async (reader) => {
    if (!(await reader.served()).includes(KEDA)) {
      const rule = `queue, schedules and a minimum of 0 need KEDA, but the cluster serves no ${KEDA}`;
      throw new RunError(`AutoscalingPolicy "${name}": ${rule}. Install KEDA there, or take them out.`);
    }
  });
}

function needCustomMetrics(cluster: ClusterNeeds, name: string): void {
  cluster.ask(async (reader) => {
    const served = await reader.served();
    if (!CUSTOM_METRICS.some((version) => served.includes(version))) {
      const rule = `requestsPerSecond needs the metric ${REQUESTS_METRIC} of the pods, but the cluster serves no custom.metrics.k8s.io`;
      const fix = "Install a metrics adapter there that serves it, or write cpuPercent: 60 instead.";
      throw new RunError(`AutoscalingPolicy "${name}": ${rule}. ${fix}`);
    }
  });
}
