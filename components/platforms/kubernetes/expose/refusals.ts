import { isIP } from "node:net";
import { gatewaySpec } from "../../../gateway-spec";
import type { GatewaySpec, RouteSpec } from "../../../platform";
import type { GatewayPolicies } from "../../../policy-specs";
import type { Problems } from "../../../problems";
import { ROUTE_DEFAULTS } from "../../../route";

/** Fields that a route may have beyond host and path. */
export type Policy = "methods" | "headers" | "rewritePrefix" | "timeoutSeconds" | "retries" | Guard;

/** Those of them that no controller of a cluster has words for. */
type Guard =
  | "aggregate"
  | "authentication"
  | "authorization"
  | "rateLimit"
  | "maxBodyKiB"
  | "addresses"
  | "cors"
  | "split"
  | "mirror"
  | "tryTimeoutSeconds";

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
  rateLimit: ({ rateLimit }) => rateLimit !== undefined,
  maxBodyKiB: ({ maxBodyKiB }) => maxBodyKiB !== undefined,
  addresses: ({ addresses }) => addresses !== undefined,
  cors: ({ cors }) => cors !== undefined,
  split: ({ split }) => split.length > 0,
  mirror: ({ mirror }) => mirror !== undefined,
  tryTimeoutSeconds: ({ tryTimeoutSeconds }) => tryTimeoutSeconds !== undefined,
};

const GUARDS: Guard[] = [
  ...(["aggregate", "authentication", "authorization", "rateLimit", "maxBodyKiB", "addresses"] as const),
  ...(["cors", "split", "mirror", "tryTimeoutSeconds"] as const),
];

/** What a gateway is that nothing is said of. */
const { policies: NONE } = gatewaySpec({ routes: [] });
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
  for (const policy of Object.keys(policies) as (keyof GatewayPolicies)[]) {
    if (JSON.stringify(policies[policy]) !== JSON.stringify(NONE[policy])) {
      // Its fields may be secrets.
      const value = policies[policy];
      const got = typeof value === "object" ? Object.keys(value) : value;
      problems.add(policy, `cannot be expressed by ${target}`, got, FIX);
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
