/** What changes the number of tasks, and what watches them. */
import type { AwsType } from "../aws-type";

const target = {
  ServiceNamespace: "{inputs.serviceNamespace}",
  ResourceId: "{inputs.resourceId}",
  ScalableDimension: "{inputs.scalableDimension}",
};

const { ResourceId: _, ...dimension } = target;

export const scaling: Record<string, AwsType> = {
  "aws:appautoscaling/target:Target": {
    service: "application-autoscaling",
    create: ["RegisterScalableTarget", {}],
    id: "{inputs.resourceId}",
    read: [
      "DescribeScalableTargets",
      { ...dimension, ResourceIds: ["{inputs.resourceId}"] },
      "ScalableTargets[0]",
    ],
    update: ["RegisterScalableTarget", {}],
    replace: ["serviceNamespace", "resourceId", "scalableDimension"],
    delete: [["DeregisterScalableTarget", target]],
    named: ["resourceId", "scalableDimension"],
    outputs: { arn: "ScalableTargetARN" },
  },
  "aws:appautoscaling/policy:Policy": {
    service: "application-autoscaling",
    create: ["PutScalingPolicy", {}],
    rename: {
      name: "PolicyName",
      "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.metrics.metricStat":
        "MetricStat",
    },
    id: "{inputs.name}",
    // Moto answers with all of them, whichever was asked for.
    read: [
      "DescribeScalingPolicies",
      { ...target, PolicyNames: ["{inputs.name}"] },
      "ScalingPolicies[?PolicyName=='{inputs.name}'] | [0]",
    ],
    update: ["PutScalingPolicy", {}],
    replace: ["name", "serviceNamespace", "resourceId", "scalableDimension"],
    delete: [["DeleteScalingPolicy", { ...target, PolicyName: "{inputs.name}" }]],
    named: ["name", "resourceId"],
    outputs: { arn: "PolicyARN", alarmArns: "Alarms" },
  },
  "aws:appautoscaling/scheduledAction:ScheduledAction": {
    service: "application-autoscaling",
    create: ["PutScheduledAction", {}],
    rename: { name: "ScheduledActionName" },
    id: "{inputs.name}",
    read: [
      "DescribeScheduledActions",
      { ...target, ScheduledActionNames: ["{inputs.name}"] },
      "ScheduledActions[0]",
    ],
    update: ["PutScheduledAction", {}],
    replace: ["name", "serviceNamespace", "resourceId", "scalableDimension"],
    delete: [["DeleteScheduledAction", { ...target, ScheduledActionName: "{inputs.name}" }]],
    named: ["name", "resourceId"],
    outputs: { arn: "ScheduledActionARN" },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    service: "cloudwatch",
    create: ["PutMetricAlarm", {}],
    rename: {
      name: "AlarmName",
      metricQueries: "Metrics",
      "metricQueries.metric": "MetricStat",
      "metricQueries.metric.namespace": "Metric.Namespace",
      "metricQueries.metric.metricName": "Metric.MetricName",
      "metricQueries.metric.dimensions": "Metric.Dimensions",
    },
    id: "{inputs.name}",
    read: ["DescribeAlarms", { AlarmNames: ["{inputs.name}"] }, "MetricAlarms[0]"],
    update: ["PutMetricAlarm", {}],
    replace: ["name"],
    delete: [["DeleteAlarms", { AlarmNames: ["{inputs.name}"] }]],
    named: ["name"],
    outputs: { arn: "AlarmArn" },
  },
};
