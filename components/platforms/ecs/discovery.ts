import { Service } from "@pulumi/aws/servicediscovery/service";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadSpec } from "../../platform";
import type { EcsHost } from "./host";

/** The agents ask each second; more often than this DNS need not be asked. */
const TTL_SECONDS = 5;

/**
 * A DNS name for the addresses of a workload's tasks. ECS puts in those that are healthy; of servers that the whole platform
 * uses also the others, as several of them are healthy only when they have found each other.
 */
export function discoveryService(
  host: EcsHost,
  name: string,
  spec: WorkloadSpec,
  parent: pulumi.Resource,
): Service {
  return new Service(
    `${name}-discovery`,
    {
      name,
      dnsConfig: {
        namespaceId: host.namespace.id,
        // Up to eight addresses an answer, another eight the next time.
        routingPolicy: "MULTIVALUE",
        dnsRecords: [{ type: "A", ttl: TTL_SECONDS }],
      },
      healthCheckCustomConfig: spec.admits === "platform" ? undefined : { failureThreshold: 1 },
      // What a task that was killed has left must not hold up the end.
      forceDestroy: true,
      tags: host.tags(`${name}.${host.namespace.name}`, name),
    },
    host.options(parent),
  );
}
