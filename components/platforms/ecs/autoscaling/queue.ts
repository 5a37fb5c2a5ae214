import { Policy } from "@pulumi/aws/appautoscaling/policy";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch/metricAlarm";
import type * as pulumi from "@pulumi/pulumi";
import type { QueueSpec, ScalingSpec } from "../../../platform";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import type { Scalable } from "./scalable";

/** Where the agent's `backlog` publishes how much waits. */
export const METRIC_NAMESPACE = "Flotilla";
export const BACKLOG_METRIC = "Backlog";

/** Backlog of each replica where none runs: of any length, a single message is too much. */
const WITHOUT_REPLICA = 1_000_000_000;

/** How many replicas more, by how many times what one should hold waits for each. */
const STEPS_OUT: [times: number, more: number][] = [
  [1, 1],
  [2, 2],
  [4, 4],
  [8, 8],
];

/**
 * Steps up while more waits for each replica than it should hold, from none to one by a single message; steps down while less
 * than half of it does, to none only when nothing waits at all.
 */
export function queueScaling(
  host: EcsHost,
  name: string,
  queue: QueueSpec,
  scaling: ScalingSpec,
  workload: EcsWorkload,
  target: Scalable,
  parent: pulumi.Resource,
): MetricAlarm[] {
  const { backlogPerReplica: each } = queue;
  const policy = (part: string, cooldown: number, stepAdjustments: Steps): Policy =>
    new Policy(
      `${name}-queue-${part}`,
      {
        name: `${host.prefix}-${name}-queue-${part}`,
        policyType: "StepScaling",
        ...target,
        stepScalingPolicyConfiguration: {
          adjustmentType: "ChangeInCapacity",
          metricAggregationType: "Maximum",
          cooldown,
          stepAdjustments,
        },
      },
      host.options(parent),
    );
  const out = policy("out", scaling.scaleOutCooldownSeconds, stepsOut(each));
  const down = policy("in", scaling.scaleInCooldownSeconds, [
    { metricIntervalUpperBound: "0", scalingAdjustment: -1 },
  ]);
  const alarm = (part: string, args: MetricAlarmArgs): MetricAlarm => {
    const own = `${host.prefix}-${name}-queue-${part}`;
    const queries = metricQueries(host, name, workload, part === "in" ? "in" : "out");
    return new MetricAlarm(
      `${name}-queue-${part}-alarm`,
      { ...args, name: own, metricQueries: queries, tags: host.tags(own, workload.name) },
      host.options(parent),
    );
  };
  return [
    alarm("out", {
      alarmDescription: `More than ${each} messages of ${queue.name} wait for each replica of ${workload.name}`,
      comparisonOperator: "GreaterThanThreshold",
      threshold: each,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [out.arn],
    }),
    alarm("in", {
      alarmDescription: `Few messages of ${queue.name} wait for each replica of ${workload.name}`,
      comparisonOperator: "LessThanOrEqualToThreshold",
      threshold: Math.floor(each / 2),
      evaluationPeriods: 3,
      treatMissingData: "notBreaching",
      alarmActions: [down.arn],
    }),
  ];
}

type Steps = {
  metricIntervalLowerBound?: string;
  metricIntervalUpperBound?: string;
  scalingAdjustment: number;
}[];

/** Bounds are counted from the alarm's threshold. Whatever the length, no replica becomes one. */
function stepsOut(each: number): Steps {
  const bounds = STEPS_OUT.map(([times]) => (times - 1) * each);
  const steps = STEPS_OUT.map(([, more], index) => ({
    metricIntervalLowerBound: String(bounds[index]),
    metricIntervalUpperBound: String(bounds[index + 1] ?? WITHOUT_REPLICA - each),
    scalingAdjustment: more,
  }));
  return [...steps, { metricIntervalLowerBound: String(WITHOUT_REPLICA - each), scalingAdjustment: 1 }];
}

/** What waits for each replica; ECS tells how many run by how many of them measured their CPU. */
function metricQueries(host: EcsHost, policy: string, workload: EcsWorkload, way: "in" | "out") {
  const dimensions = { ClusterName: host.clusterName, ServiceName: workload.service!.name };
  // The last replica goes when nothing waits, not when little does.
  const perReplica =
    way === "out"
      ? `IF(running > 0, backlog / running, IF(backlog > 0, ${WITHOUT_REPLICA}, 0))`
      : `IF(running > 1, backlog / running, IF(backlog > 0, ${WITHOUT_REPLICA}, 0))`;
  return [
    { id: "perreplica", expression: perReplica, label: "Messages for each replica", returnData: true },
    { id: "running", expression: "FILL(samples, 0)", returnData: false },
    {
      id: "samples",
      metric: {
        namespace: "AWS/ECS",
        metricName: "CPUUtilization",
        dimensions,
        stat: "SampleCount",
        period: 60,
      },
      returnData: false,
    },
    {
      id: "backlog",
      metric: {
        namespace: METRIC_NAMESPACE,
        metricName: BACKLOG_METRIC,
        dimensions: { Stack: host.prefix, Policy: policy },
        stat: "Maximum",
        period: 60,
      },
      returnData: false,
    },
  ];
}
