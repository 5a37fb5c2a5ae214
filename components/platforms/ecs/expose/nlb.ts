import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, Listener as ListenerSpec } from "../../../platform";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import { attachListeners, type Forwarding } from "./attach";
import type { NlbArgs } from "./expose-args";
import { listener, loadBalancer, TLS_POLICY } from "./load-balancer";
import { publicUrl } from "./public-url";

/** A Network Load Balancer in front of a workload; with a certificate it ends TLS itself. */
export function nlb(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  listeners: ListenerSpec[],
  args: NlbArgs,
  parent: pulumi.Resource,
): Exposed {
  const { certificateArn } = args;
  const ports = listeners.map(({ port }) => port);
  const kind = { loadBalancerType: "network", enableCrossZoneLoadBalancing: true };
  const balancer = loadBalancer(host, name, args, ports, kind, parent);
  // HTTP/2 where the client can, so that gRPC works.
  const tls = { protocol: "TLS", certificateArn, sslPolicy: TLS_POLICY, alpnPolicy: "HTTP2Preferred" };
  const forwarding: Forwarding = {
    protocol: "TCP",
    open({ port, protocol }, primary, alternate) {
      const listening = listener(
        host,
        `${name}-listener-${port}`,
        {
          loadBalancerArn: balancer.loadBalancer.arn,
          port,
          ...(certificateArn === undefined || protocol === "tcp" ? { protocol: "TCP" } : tls),
          defaultActions: [{ type: "forward", targetGroupArn: primary.arn }],
        },
        parent,
        // ECS sends its connections to the one group or the other, neither of which may go before it.
        alternate && { ignoreChanges: ["defaultActions"], dependsOn: [alternate] },
      );
      return { listener: listening, moved: listening };
    },
  };
  attachListeners(host, name, workload, listeners, balancer, forwarding, parent);
  const [{ port, protocol }] = listeners;
  const scheme = certificateArn !== undefined || protocol === "https" ? "https" : "http";
  return { url: publicUrl(scheme, balancer.loadBalancer.dnsName, port) };
}
