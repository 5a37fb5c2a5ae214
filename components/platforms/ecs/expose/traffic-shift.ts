import type { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import type { input } from "@pulumi/aws/types";
import type * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "../host";
import { trustPolicy } from "../policy";
import { grantedRole } from "../roles";
import type { EcsWorkload } from "../workload";

/** What lets ECS move requests from old replicas to new ones. */
export interface TrafficShift {
  configuration: input.ecs.ServiceLoadBalancerAdvancedConfiguration;
  needed: pulumi.Resource[];
}

/** A role that may move requests between two groups by what divides them, and nothing else. */
export function trafficShift(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  containerPort: number,
  [primary, alternate]: [TargetGroup, TargetGroup],
  dividedBy: pulumi.Output<string>,
  parent: pulumi.Resource,
): TrafficShift {
  const trust = trustPolicy("ecs.amazonaws.com", { StringEquals: { "aws:SourceAccount": host.accountId } });
  const { role, policies } = grantedRole(
    host,
    `${name}-shift-${containerPort}`,
    workload.name,
    trust,
    [
      // AWS has no resource for what only describes.
      { actions: DESCRIBE, resources: ["*"] },
      {
        actions: ["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
        resources: [dividedBy],
      },
      {
        actions: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        resources: [primary.arn, alternate.arn],
      },
    ],
    parent,
  );
  return {
    configuration: {
      alternateTargetGroupArn: alternate.arn,
      productionListenerRule: dividedBy,
      roleArn: role.arn,
    },
    needed: policies,
  };
}

const DESCRIBE = [
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeRules",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
];
