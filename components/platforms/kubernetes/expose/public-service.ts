import { Service } from "@pulumi/kubernetes/core/v1/service";
import * as pulumi from "@pulumi/pulumi";
import type { Exposed, Listener } from "../../../platform";
import { type KubernetesHost, SKIP_AWAIT, WORKLOAD_LABEL } from "../host";
import { admit } from "../network-policies";
import type { KubernetesWorkload } from "../workload";
import { publicUrl } from "./public-url";

/** A load balancer tells its address; a node's is given. */
export type PublicServiceArgs = { type: "LoadBalancer" } | { type: "NodePort"; address: string };

const NODE_PORTS = { first: 30000, last: 32767 };

/** Opens listeners to anyone outside the cluster, by a Service of their own in front of the workload's replicas. */
export function publicService(
  host: KubernetesHost,
  name: string,
  workload: KubernetesWorkload,
  listeners: Listener[],
  args: PublicServiceArgs,
  parent: pulumi.Resource,
): Exposed {
  const targets = listeners.map(({ to }) => workload.spec.ports.find((port) => port.name === to)!.port);
  const service = new Service(
    `${name}-public`,
    {
      metadata: host.metadata(`${name}-public`, workload.name, {
        // The replicas are waited for where they are made; a load balancer's address has to be.
        annotations: args.type === "NodePort" ? SKIP_AWAIT : {},
      }),
      spec: {
        type: args.type,
        selector: { [WORKLOAD_LABEL]: workload.name },
        // Every node answers, so that a rolling gateway loses no request; it sees the node's address for the client's.
        externalTrafficPolicy: "Cluster",
        ports: listeners.map(({ port, to }, index) => ({
          name: to,
          port,
          targetPort: targets[index],
          ...(args.type === "NodePort" && isNodePort(port) ? { nodePort: port } : {}),
        })),
      },
    },
    // A node's port is there before the replicas, so that the nodes know the way to them when they are ready.
    host.options(parent, args.type === "NodePort" ? {} : { dependsOn: [workload] }),
  );
  admit(host, `${name}-public`, workload.name, targets, undefined, parent);
  const [{ protocol }] = listeners;
  const scheme = protocol === "grpc" ? "http" : protocol;
  if (args.type === "NodePort") {
    return { url: service.spec.ports.apply(([{ nodePort }]) => publicUrl(scheme, args.address, nodePort)) };
  }
  const url = service.status.apply((status) => {
    const [first] = status?.loadBalancer?.ingress ?? [];
    return publicUrl(scheme, first?.hostname ?? first?.ip, listeners[0].port);
  });
  return { url: pulumi.output(url) };
}

function isNodePort(port: number): boolean {
  return port >= NODE_PORTS.first && port <= NODE_PORTS.last;
}
