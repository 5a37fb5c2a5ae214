import { Cluster as EcsCluster } from "@pulumi/aws/ecs/cluster";
import { ClusterCapacityProviders } from "@pulumi/aws/ecs/clusterCapacityProviders";
import * as pulumi from "@pulumi/pulumi";
import type { CapacityArgs } from "./capacity";
import type { EcsHost } from "./host";

/** How closely CloudWatch watches the tasks of a cluster: every level costs by what it measures. */
export type ContainerInsights = "disabled" | "enabled" | "enhanced";

export interface Cluster {
  arn: pulumi.Output<string>;
  name: pulumi.Output<string>;
  /** What must be there before a service is. */
  ready: pulumi.Resource[];
}

export function existingCluster(clusterArn: pulumi.Input<string>): Cluster {
  const arn = pulumi.output(clusterArn);
  return { arn, name: arn.apply((text) => text.slice(text.lastIndexOf("/") + 1)), ready: [] };
}

export function ownCluster(
  host: Pick<EcsHost, "prefix" | "tags" | "options">,
  name: string,
  capacity: CapacityArgs,
  containerInsights: ContainerInsights,
  parent: pulumi.Resource,
): Cluster {
  const options = host.options(parent);
  const cluster = new EcsCluster(
    `${name}-cluster`,
    {
      name: host.prefix,
      settings: [{ name: "containerInsights", value: containerInsights }],
      tags: host.tags(host.prefix),
    },
    options,
  );
  const providers = typeof capacity === "object" ? [capacity.capacityProvider] : ["FARGATE", "FARGATE_SPOT"];
  const associated = new ClusterCapacityProviders(
    `${name}-capacity`,
    { clusterName: cluster.name, capacityProviders: providers },
    options,
  );
  return { arn: cluster.arn, name: cluster.name, ready: [associated] };
}

const CLUSTER_ARN = /^arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:cluster\/[A-Za-z0-9_-]+$/;

export function isClusterArn(text: string): boolean {
  return CLUSTER_ARN.test(text);
}
