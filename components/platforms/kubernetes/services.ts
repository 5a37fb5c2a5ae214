import { Service } from "@pulumi/kubernetes/core/v1/service";
import type { PortSpec, Protocol } from "../../container-spec";
import { type KubernetesHost, SKIP_AWAIT } from "./host";
import type { KubernetesWorkload } from "./workload";

/** What a cluster's own gateways and meshes make of a port. */
const APP_PROTOCOLS: Record<Protocol, string | undefined> = {
  http: "http",
  grpc: "kubernetes.io/h2c",
  tcp: undefined,
};

/**
 * One address for all ready replicas; a Service must have a port. Servers that the whole platform uses are reached before
 * they are ready, too: several of them are ready only when they have found each other.
 */
export function service(
  host: KubernetesHost,
  workload: KubernetesWorkload,
  selector: Record<string, string>,
): Service | undefined {
  const { name, spec } = workload;
  return spec.ports.length === 0
    ? undefined
    : new Service(
        name,
        {
          // Nobody waits for it: its replicas are waited for where they are made.
          metadata: host.metadata(name, name, { annotations: SKIP_AWAIT }),
          spec: {
            type: "ClusterIP",
            selector,
            ports: spec.ports.map(servicePort),
            publishNotReadyAddresses: spec.admits === "platform" ? true : undefined,
          },
        },
        host.options(workload),
      );
}

/** The addresses of all replicas, ready or not: the agents that look them up ask each one themselves. */
export function instancesService(
  host: KubernetesHost,
  workload: KubernetesWorkload,
  selector: Record<string, string>,
): Service {
  const { name, spec } = workload;
  const own = `${name}-instances`;
  const ports = spec.ports.length === 0 ? undefined : spec.ports.map(servicePort);
  return new Service(
    own,
    {
      metadata: host.metadata(own, name, { annotations: SKIP_AWAIT }),
      spec: { clusterIP: "None", publishNotReadyAddresses: true, selector, ports },
    },
    host.options(workload),
  );
}

function servicePort({ name, port, protocol }: PortSpec) {
  return { name, port, targetPort: port, protocol: "TCP", appProtocol: APP_PROTOCOLS[protocol] };
}
