import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { Listener } from "@pulumi/aws/lb/listener";
import { LoadBalancer, type LoadBalancerArgs } from "@pulumi/aws/lb/loadBalancer";
import { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { READY_PORT } from "../../../agent-sidecars";
import type { EcsHost } from "../host";
import { LONGEST, limited } from "../names";
import { admit } from "../security-groups";
import type { EcsWorkload } from "../workload";
import type { AlbArgs, NlbArgs } from "./expose-args";

/** A load balancer with the group of its own. */
export interface Balancer {
  loadBalancer: LoadBalancer;
  groupId: pulumi.Output<string>;
}

/** A load balancer in the public subnets, or in the private ones where it is internal, that clients may connect to. */
export function loadBalancer(
  host: EcsHost,
  name: string,
  { internal = false, allowFrom = ["0.0.0.0/0"] }: AlbArgs | NlbArgs,
  ports: number[],
  kindArgs: LoadBalancerArgs,
  parent: pulumi.Resource,
): Balancer {
  const own = `${host.prefix}-${name}-public`;
  const options = host.options(parent);
  const group = new SecurityGroup(
    `${name}-public-group`,
    { name: own, description: `Clients of ${name}`, vpcId: host.network.vpcId, tags: host.tags(own, name) },
    options,
  );
  for (const port of ports) {
    allowFrom.forEach((cidrIpv4, index) => {
      new SecurityGroupIngressRule(
        `${name}-public-${port}-from-${index + 1}`,
        {
          securityGroupId: group.id,
          cidrIpv4,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          tags: host.tags(own, name),
        },
        options,
      );
    });
  }
  const balancer = new LoadBalancer(
    `${name}-public`,
    {
      name: limited(own, LONGEST.loadBalancer),
      internal,
      subnets: internal ? host.network.privateSubnetIds : host.network.publicSubnetIds,
      securityGroups: [group.id],
      enableDeletionProtection: host.deletionProtection,
      ...kindArgs,
      tags: host.tags(own, name),
    },
    // The internet's way in is there before it.
    host.options(parent, { dependsOn: host.network.ready }),
  );
  return { loadBalancer: balancer, groupId: group.id };
}

/** Lets a load balancer reach ports of a workload's tasks, and their agent's readiness. */
export function openWay(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  ports: number[],
  groupId: pulumi.Output<string>,
  parent: pulumi.Resource,
): pulumi.Resource[] {
  return [...new Set([...ports, READY_PORT])].flatMap((port) => [
    admit(host, `${name}-public-to-${workload.name}-${port}`, workload.groupId, port, groupId, parent),
    new SecurityGroupEgressRule(
      `${name}-public-out-${port}`,
      {
        securityGroupId: groupId,
        referencedSecurityGroupId: workload.groupId,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        tags: host.tags(`${host.prefix}-${name}-public`, name),
      },
      host.options(parent),
    ),
  ]);
}

/** A group of tasks; `color` tells apart those of a rollout that shifts requests between two. */
export function targetGroup(
  host: EcsHost,
  name: string,
  color: string,
  { spec }: EcsWorkload,
  containerPort: number,
  protocol: "HTTP" | "TCP",
  parent: pulumi.Resource,
): TargetGroup {
  // Port and protocol are part of the name: another one is another group, beside the old one.
  const own = `${host.prefix}-${name}${color}-${protocol.toLowerCase()}-${containerPort}`;
  return new TargetGroup(
    `${name}-targets-${containerPort}${color}`,
    {
      name: limited(own, LONGEST.targetGroup),
      vpcId: host.network.vpcId,
      targetType: "ip",
      port: containerPort,
      protocol,
      // Off for tasks unless asked for; a gateway's limits go by the client's address.
      preserveClientIp: protocol === "TCP" ? "true" : undefined,
      // As long as the replica itself drains: it is asked to stop after that.
      deregistrationDelay: spec.drainSeconds,
      // The agent tells whether it is healthy and not draining.
      healthCheck: {
        protocol: "HTTP",
        port: String(READY_PORT),
        path: "/ready",
        matcher: "200",
        interval: 5,
        timeout: 3,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: host.tags(own, name),
    },
    host.options(parent),
  );
}

/** What clients connect to. */
export function listener(
  host: EcsHost,
  resource: string,
  args: Omit<ConstructorParameters<typeof Listener>[1], "tags">,
  parent: pulumi.Resource,
  more?: pulumi.CustomResourceOptions,
): Listener {
  return new Listener(resource, { ...args, tags: host.tags(resource) }, host.options(parent, more));
}

/** TLS 1.2 and 1.3 with forward secrecy. */
export const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
