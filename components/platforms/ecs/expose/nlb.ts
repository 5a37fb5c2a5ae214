import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, Listener as ListenerSpec } from "../../../platform";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import type { NlbArgs } from "./expose-args";
import { listener, loadBalancer, openWay, TLS_POLICY, targetGroup } from "./load-balancer";
import { portOf, publicUrl } from "./public-url";
import { trafficShift } from "./traffic-shift";

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
  const { loadBalancer: balancer, groupId } = loadBalancer(host, name, args, ports, kind, parent);
  // HTTP/2 where the client can, so that gRPC works.
  const tls = { protocol: "TLS", certificateArn, sslPolicy: TLS_POLICY, alpnPolicy: "HTTP2Preferred" };
  const needed = openWay(
    host,
    name,
    workload,
    listeners.map(({ to }) => portOf(workload, to)),
    groupId,
    parent,
  );
  for (const one of listeners) {
    const containerPort = portOf(workload, one.to);
    const group = targetGroup(host, name, "", workload, containerPort, "TCP", parent);
    const shift = trafficShift(host, name, workload, containerPort, "TCP", group, parent);
    const listening = listener(
      host,
      `${name}-listener-${one.port}`,
      {
        loadBalancerArn: balancer.arn,
        port: one.port,
        ...(certificateArn === undefined || one.protocol === "tcp" ? { protocol: "TCP" } : tls),
        defaultActions: [{ type: "forward", targetGroupArn: group.arn }],
      },
      parent,
      shift === undefined ? [] : ["defaultActions"],
    );
    const shifting = shift?.configuration(listening.arn);
    workload.attach({
      loadBalancer: {
        targetGroupArn: group.arn,
        containerName: workload.spec.main.name,
        containerPort,
        advancedConfiguration: shifting?.advanced,
      },
      needed: [listening, ...needed, ...(shifting?.needed ?? [])],
    });
  }
  const [{ port, protocol }] = listeners;
  const scheme = certificateArn !== undefined || protocol === "https" ? "https" : "http";
  return { url: publicUrl(scheme, balancer.dnsName, port) };
}
