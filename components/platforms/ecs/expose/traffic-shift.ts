import type { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import type { input } from "@pulumi/aws/types";
import type * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "../host";
import { trustPolicy } from "../policy";
import { grantedRole } from "../roles";
import { shiftsTraffic } from "../rollout";
import type { EcsWorkload } from "../workload";
import { targetGroup } from "./load-balancer";

/** What lets ECS move requests from old replicas to new ones: a second group of targets, and a role that may do so. */
export interface TrafficShift {
  alternate: TargetGroup;
  /** `rule` is what sends requests: a listener's rule, or the listener itself where it has none. */
  configuration(rule: pulumi.Output<string>): {
    advanced: input.ecs.ServiceLoadBalancerAdvancedConfiguration;
    needed: pulumi.Resource[];
  };
}

/** Undefined where a workload's rollouts shift nothing. */
export function trafficShift(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  containerPort: number,
  protocol: "HTTP" | "TCP",
  primary: TargetGroup,
  parent: pulumi.Resource,
): TrafficShift | undefined {
  if (!shiftsTraffic(host.rollout, workload.spec)) {
    return undefined;
  }
  const alternate = targetGroup(host, name, "-2", workload, containerPort, protocol, parent);
  return {
    alternate,
    configuration: (rule) => {
      const trust = trustPolicy("ecs.amazonaws.com", {
        StringEquals: { "aws:SourceAccount": host.accountId },
      });
      const groups = [primary.arn, alternate.arn];
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
            resources: [rule],
          },
          {
            actions: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            resources: groups,
          },
        ],
        parent,
      );
      const advanced = {
        alternateTargetGroupArn: alternate.arn,
        productionListenerRule: rule,
        roleArn: role.arn,
      };
      return { advanced, needed: policies };
    },
  };
}

const DESCRIBE = [
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeRules",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
];
