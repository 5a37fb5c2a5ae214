import { Service } from "@pulumi/aws/ecs/service";
import type { input } from "@pulumi/aws/types";
import type * as pulumi from "@pulumi/pulumi";
import type { Replicas, WorkloadSpec } from "../../platform";
import type { EcsHost } from "./host";
import { LONGEST, limited } from "./names";
import { deployment } from "./rollout";
import { serviceConnect } from "./service-connect";
import type { EcsWorkload } from "./workload";

/** A way from a load balancer to a workload's tasks. */
export interface Attachment {
  loadBalancer: input.ecs.ServiceLoadBalancer;
  /** What must be there before a service can use it. */
  needed: pulumi.Resource[];
  /** Names under which its requests are counted; undefined where nobody counts them. */
  requestMetric?: { balancer: pulumi.Output<string>; targets: pulumi.Output<string> };
}

export interface ServiceParts {
  attachments: Promise<Attachment[]>;
  discoveryArn: pulumi.Output<string>;
  /** What must be there before its first task starts. */
  needed: Promise<pulumi.Resource[]>;
}

/** Keeps a workload's replicas running, and rolls them when their definition changes. */
export function service(host: EcsHost, workload: EcsWorkload, parts: ServiceParts): Service {
  const { name, spec } = workload;
  const { replicas } = spec;
  const { attachments } = parts;
  return new Service(
    `${name}-service`,
    {
      name: limited(`${host.prefix}-${name}`, LONGEST.service),
      cluster: host.clusterArn,
      taskDefinition: workload.taskDefinition.arn,
      desiredCount: initialCount(replicas),
      capacityProviderStrategies: host.capacity.strategies,
      platformVersion: host.capacity.fargate ? "LATEST" : undefined,
      networkConfiguration: {
        subnets: host.network.privateSubnetIds,
        securityGroups: [host.memberGroupId, workload.groupId],
        assignPublicIp: false,
      },
      serviceRegistries: { registryArn: parts.discoveryArn },
      serviceConnectConfiguration: serviceConnect(host, workload),
      loadBalancers: attachments.then((all) => all.map(({ loadBalancer }) => loadBalancer)),
      healthCheckGracePeriodSeconds: attachments.then((all) =>
        all.length === 0 ? undefined : patienceSeconds(spec),
      ),
      ...deployment(
        host.rollout,
        spec,
        attachments.then((all) => all.length > 0),
      ),
      // Three zones keep three replicas apart, also after one of them was away; not while old ones must stop first.
      availabilityZoneRebalancing: spec.rollout === "rolling" ? "ENABLED" : "DISABLED",
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      // What depends on it starts when its replicas are healthy.
      waitForSteadyState: true,
      // Replicas that still run must not hold up the end.
      forceDelete: true,
      tags: host.tags(`${host.prefix}-${name}`, name),
    },
    host.options(workload, {
      // A range belongs to its policy once the service is there.
      ignoreChanges: typeof replicas === "number" ? undefined : ["desiredCount"],
      dependsOn: everythingNeeded(parts),
      customTimeouts: { create: "20m", update: "60m", delete: "20m" },
    }),
  );
}

async function everythingNeeded({ needed, attachments }: ServiceParts): Promise<pulumi.Resource[]> {
  return [...(await needed), ...(await attachments).flatMap((one) => one.needed)];
}

function initialCount(replicas: Replicas): number {
  return typeof replicas === "number" ? replicas : Math.max(1, replicas.min);
}

/** How long a load balancer's own judgement does not count after a task's start. */
function patienceSeconds({ main, sidecars }: WorkloadSpec): number {
  const each = [main, ...sidecars].map(({ probe }) =>
    probe === undefined ? 0 : probe.startPeriodSeconds + probe.intervalSeconds * probe.retries,
  );
  return 60 + Math.max(...each);
}
