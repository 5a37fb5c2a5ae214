import { isIP } from "node:net";
import type { GatewaySpec, RouteSpec } from "../../../platform";
import type { Problems } from "../../../problems";
import { ROUTE_DEFAULTS } from "../../../route";

/** Fields that a route may have beyond host and path. */
export type Policy = "methods" | "headers" | "rewritePrefix" | "timeoutSeconds" | "retries" | Guard;

/** Those of them that no controller of a cluster has words for. */
type Guard = "aggregate" | "authentication" | "authorization";

/** Whether a route asks for something by such a field; its default asks for nothing. */
const ASKED: Record<Policy, (route: RouteSpec) => boolean> = {
  methods: ({ methods }) => methods.length > 0,
  headers: ({ headers }) => Object.keys(headers).length > 0,
  rewritePrefix: ({ rewritePrefix }) => rewritePrefix !== undefined,
  timeoutSeconds: ({ timeoutSeconds }) => timeoutSeconds !== ROUTE_DEFAULTS.timeoutSeconds,
  retries: ({ retries }) => retries !== ROUTE_DEFAULTS.retries,
  aggregate: ({ aggregate }) => aggregate !== undefined,
  authentication: ({ authentication }) => authentication !== undefined,
  authorization: ({ authorization }) => authorization !== undefined,
};

const GUARDS: Guard[] = ["aggregate", "authentication", "authorization"];
const FIX = 'Take it out, or use our own gateway: write expose: "load-balancer".';

export function asks(route: RouteSpec, policy: Policy): boolean {
  return ASKED[policy](route);
}

/** Records each of these policies that a route asks for, as `target` has no words for them. */
export function refusePolicies(
  problems: Problems,
  at: string,
  route: RouteSpec,
  policies: Policy[],
  target: string,
): void {
  for (const policy of policies.filter((candidate) => asks(route, candidate))) {
    const rule = `cannot be expressed by ${target}`;
    problems.add(`${at}.${policy}`, rule, route[policy], FIX);
  }
}

/** Records everything of a gateway, and of its routes, that only a gateway of ours does. */
export function refuseGuards(problems: Problems, { routes, policies }: GatewaySpec, target: string): void {
  for (const [policy, value] of Object.entries(policies)) {
    if (Object.keys(value).length > 0) {
      problems.add(policy, `cannot be expressed by ${target}`, Object.keys(value), FIX);
    }
  }
  routes.forEach((route, index) => {
    refusePolicies(problems, `routes[${index}]`, route, GUARDS, target);
  });
}

/** Records the hosts that are addresses: Kubernetes matches names only. */
export function refuseAddresses(problems: Problems, at: string, { hosts }: RouteSpec): void {
  hosts.forEach((host, index) => {
    if (isIP(host) !== 0) {
      const fix = "Write a name, or leave hosts out for any.";
      problems.add(`${at}.hosts[${index}]`, "must be a name on Kubernetes, not an address", host, fix);
    }
  });
}
