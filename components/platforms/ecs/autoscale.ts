import { Target } from "@pulumi/aws/appautoscaling/target";
import * as pulumi from "@pulumi/pulumi";
import type { Autoscaler, ScalingSpec, WorkloadSpec } from "../../platform";
import { Problems } from "../../problems";
import { backlogWorkload } from "./autoscaling/backlog-workload";
import { queueScaling } from "./autoscaling/queue";
import { scalable } from "./autoscaling/scalable";
import { schedules } from "./autoscaling/schedules";
import { targetTracking } from "./autoscaling/target-tracking";
import type { EcsHost } from "./host";
import type { EcsWorkload } from "./workload";

/** What the autoscaler of a platform needs of it. */
export interface ScalingHost {
  host: EcsHost;
  highResolution: boolean;
  address(workload: string): string;
  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): EcsWorkload;
  connect(from: EcsWorkload, toService: string, port: number): void;
}

/** Moves a workload's replicas by Application Auto Scaling. */
export function autoscale(
  { host, highResolution, address, run, connect }: ScalingHost,
  name: string,
  scaling: ScalingSpec,
  workload: EcsWorkload,
  parent: pulumi.Resource,
): Autoscaler {
  const { service, spec } = workload;
  const problems = new Problems(`AutoscalingPolicy "${name}"`);
  if (service === undefined || spec.rollout === "recreate") {
    const rule = "must be a service without persistent volumes on ECS";
    problems.add("target", rule, workload.name, "Keep its data outside, or take the policy out.");
  }
  problems.throwIfAny();
  const target = new Target(
    `${name}-target`,
    {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${host.clusterName}/${service!.name}`,
      minCapacity: scaling.min,
      maxCapacity: scaling.max,
      tags: host.tags(`${host.prefix}-${name}`, workload.name),
    },
    host.options(parent),
  );
  const rules = scalable(target);
  targetTracking(host, name, scaling, workload, rules, highResolution, parent);
  schedules(host, name, scaling, rules, parent);
  const { queue } = scaling;
  if (queue !== undefined) {
    const meter = run(`${name}-backlog`, backlogWorkload(host, name, queue, address(queue.service)), parent);
    connect(meter, queue.service, queue.port);
    queueScaling(host, name, queue, scaling, workload, rules, parent);
  }
  return { enforced: true };
}
