import type * as pulumi from "@pulumi/pulumi";
import type { PortSpec } from "../../../container-spec";
import type { Exposed, Exposure, Router } from "../../../platform";
import type { KubernetesHost } from "../host";
import type { KubernetesWorkload } from "../workload";
import { type ExposeArgs, type ExposeKind, longForm } from "./expose-args";
import { GatewayApiRouter } from "./gateway-api";
import { IngressRouter } from "./ingress";
import { type PublicServiceArgs, publicService } from "./public-service";

export type {
  ControllerArgs,
  ExposeArgs,
  ExposeKind,
  GatewayApiArgs,
  IngressArgs,
  LoadBalancerArgs,
  NodePortArgs,
} from "./expose-args";
export { checkExpose } from "./expose-args";

/** The way in from outside the cluster. */
export interface Door {
  readonly router?: Router;
  expose(name: string, workload: KubernetesWorkload, exposure: Exposure, parent: pulumi.Resource): Exposed;
}

/** Ports of a workload of the platform; undefined while there is none of that name. */
export type PortsOf = (workload: string) => PortSpec[] | undefined;

type DoorMaker<K extends ExposeKind> = (
  host: KubernetesHost,
  args: Extract<ExposeArgs, { kind: K }>,
  portsOf: PortsOf,
) => Door;

const DOORS: { [K in ExposeKind]: DoorMaker<K> } = {
  "load-balancer": (host) => serviceDoor(host, { type: "LoadBalancer" }),
  "node-port": (host, { address = "127.0.0.1" }) => serviceDoor(host, { type: "NodePort", address }),
  // A gateway's routes go to the router; a workload that is exposed by itself gets the cluster's load balancer.
  "gateway-api": (host, args, portsOf) => ({
    ...serviceDoor(host, { type: "LoadBalancer" }),
    router: new GatewayApiRouter(host, args, portsOf),
  }),
  ingress: (host, args, portsOf) => ({
    ...serviceDoor(host, { type: "LoadBalancer" }),
    router: new IngressRouter(host, args, portsOf),
  }),
};

export function makeDoor(host: KubernetesHost, args: ExposeArgs, portsOf: PortsOf): Door {
  const long = longForm(args);
  return (DOORS[long.kind] as DoorMaker<ExposeKind>)(host, long, portsOf);
}

function serviceDoor(host: KubernetesHost, args: PublicServiceArgs): Door {
  return {
    expose: (name, workload, { listeners }, parent) =>
      publicService(host, name, workload, listeners, args, parent),
  };
}
