import { checkName } from "../../../fields";
import type { Problems } from "../../../problems";

/** How clients outside the cluster reach a gateway; a name alone takes every default. */
export type ExposeArgs = ExposeKind | LoadBalancerArgs | NodePortArgs | GatewayApiArgs | IngressArgs;

export type ExposeKind = "load-balancer" | "node-port" | "gateway-api" | "ingress";

/** Our gateway, behind a load balancer that the cluster gets from its surroundings. */
export interface LoadBalancerArgs {
  /** Chooses this way. */
  kind: "load-balancer";
}

/**
 * Our gateway, behind one port of every node: the gateway's own where it is one that nodes open (30000 to 32767), else one
 * of the cluster's choice.
 */
export interface NodePortArgs {
  /** Chooses this way. */
  kind: "node-port";
  /** Host name or address of a node, for the URL. @default "127.0.0.1" */
  address?: string;
}

/** The cluster's own controller of the Gateway API; no gateway of ours runs. */
export interface GatewayApiArgs extends ControllerArgs {
  /** Chooses this way. */
  kind: "gateway-api";
  /** Name of the GatewayClass. @default - the only one of the cluster */
  gatewayClass?: string;
}

/** The cluster's own Ingress controller, which takes routes by host and path only; a wildcard host takes one level. */
export interface IngressArgs extends ControllerArgs {
  /** Chooses this way. */
  kind: "ingress";
  /** Name of the IngressClass. @default - the cluster's default class */
  ingressClass?: string;
}

/** What both kinds of controllers have in common. */
export interface ControllerArgs {
  /** Host name or address at which clients reach the controller. @default - the one that it tells, which is waited for */
  address?: string;
  /** Namespace whose pods may connect to the routed services. @default - all of the cluster's */
  controllerNamespace?: string;
}

const KINDS: ExposeKind[] = ["load-balancer", "node-port", "gateway-api", "ingress"];
const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/** Records everything that is wrong with how gateways are exposed. */
export function checkExpose(problems: Problems, at: string, args: ExposeArgs): void {
  const { kind, ...details } = longForm(args);
  if (!KINDS.includes(kind)) {
    problems.add(at, `must be one of ${KINDS.join(", ")}`, kind, `Write "${KINDS[0]}".`);
  }
  for (const [field, value] of Object.entries(details)) {
    if (field === "address" && !HOST.test(value)) {
      const bare = value.replace(/^[a-z]+:\/\//i, "").replace(/[:/].*$/, "");
      const fix = HOST.test(bare) ? `Write "${bare}".` : 'Write one like "shop.example.com".';
      problems.add(`${at}.address`, "must be a host name or an IPv4 address, without port", value, fix);
    } else if (field === "controllerNamespace") {
      checkName(problems, `${at}.controllerNamespace`, value);
    }
  }
}

/** The form with details of a name alone. */
export function longForm(args: ExposeArgs): Exclude<ExposeArgs, string> {
  return typeof args === "string" ? { kind: args } : args;
}
