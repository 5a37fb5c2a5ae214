import type { Listener } from "@pulumi/aws/lb/listener";
import type { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import type { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { Listener as ListenerSpec } from "../../../platform";
import type { EcsHost } from "../host";
import { shiftsTraffic } from "../rollout";
import type { Attachment } from "../service";
import type { EcsWorkload } from "../workload";
import { type Balancer, openWay, targetGroup } from "./load-balancer";
import { portOf } from "./public-url";
import { trafficShift } from "./traffic-shift";

/** What sends requests to a group of targets. */
export interface Door {
  listener: Listener;
  /** What ECS changes in rollouts that shift requests: a rule of the listener, or the listener itself. */
  moved: pulumi.Resource & { arn: pulumi.Output<string> };
}

/** How one kind of load balancer sends requests on. */
export interface Forwarding {
  protocol: "HTTP" | "TCP";
  /** Makes what listens; `alternate` is there where rollouts shift requests to a second group. */
  open(spec: ListenerSpec, primary: TargetGroup, alternate: TargetGroup | undefined): Door;
  /** Names under which a group's requests are counted. */
  requestMetric?(balancer: LoadBalancer, targets: TargetGroup): Attachment["requestMetric"];
}

/** Sends what comes to each listener of a load balancer to a workload's tasks. */
export function attachListeners(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  listeners: ListenerSpec[],
  { loadBalancer, groupId }: Balancer,
  forwarding: Forwarding,
  parent: pulumi.Resource,
): void {
  const ports = listeners.map(({ to }) => portOf(workload, to));
  const ways = openWay(host, name, workload, ports, groupId, parent);
  const shifts = shiftsTraffic(host.rollout, workload.spec);
  for (const [index, spec] of listeners.entries()) {
    const containerPort = ports[index];
    const group = (color: string): TargetGroup =>
      targetGroup(host, name, color, workload, containerPort, forwarding.protocol, parent);
    const primary = group("");
    const alternate = shifts ? group("-2") : undefined;
    const { listener, moved } = forwarding.open(spec, primary, alternate);
    const shift =
      alternate && trafficShift(host, name, workload, containerPort, [primary, alternate], moved.arn, parent);
    workload.attach({
      loadBalancer: {
        targetGroupArn: primary.arn,
        containerName: workload.spec.main.name,
        containerPort,
        advancedConfiguration: shift?.configuration,
      },
      needed: [listener, ...ways, ...(moved === listener ? [] : [moved]), ...(shift?.needed ?? [])],
      requestMetric: forwarding.requestMetric?.(loadBalancer, primary),
    });
  }
}
