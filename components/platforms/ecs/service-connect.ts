import type { input } from "@pulumi/aws/types";
import type { EcsHost } from "./host";
import type { EcsWorkload } from "./workload";

/**
 * Makes a workload's ports reachable at `<name>:<port>` through ECS's own proxy, for programs of the namespace that have no
 * agent. Undefined where the platform has it off: the agents balance, drain and retry by themselves.
 */
export function serviceConnect(
  host: EcsHost,
  { name, spec }: EcsWorkload,
): input.ecs.ServiceServiceConnectConfiguration | undefined {
  if (!host.serviceConnect) {
    return undefined;
  }
  return {
    enabled: true,
    namespace: host.namespace.arn,
    services: spec.ports.map((port) => ({
      portName: port.name,
      // Beside the DNS name of the tasks themselves, which has the workload's own.
      discoveryName: `${name}-${port.name}-connect`,
      clientAlias: [{ port: port.port, dnsName: name }],
    })),
  };
}
