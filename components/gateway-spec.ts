import type { GatewayArgs } from "./gateway";
import type { GatewaySpec, RouteSpec } from "./platform";
import { addressesSpec } from "./policies/addresses";
import { authenticationSpec } from "./policies/authentication";
import { corsSpec } from "./policies/cors";
import { limitsSpec } from "./policies/limits";
import { rateLimitSpec } from "./policies/rate-limit";
import { securityHeadersSpec } from "./policies/security-headers";
import { tcpSpecs } from "./policies/tcp";
import { tlsSpec } from "./policies/tls";
import { upstreamSpecs } from "./policies/upstream";
import type { GatewayPolicies, UpstreamSpec } from "./policy-specs";
import { routeSpec } from "./route";

/** What of a gateway's arguments says what it does, whatever it runs on. */
export type GatewayRules = Omit<
  GatewayArgs,
  "platform" | "registry" | "kind" | "port" | "replicas" | "cpuMillicores" | "memoryMiB"
>;

/** The rules with every default filled in. */
export function gatewaySpec(rules: GatewayRules): GatewaySpec {
  return {
    routes: rules.routes.map((route) => routeOf(route, rules)),
    policies: {
      authentication: authenticationSpec(rules.authentication),
      rateLimit: rateLimitSpec(rules.rateLimit),
      securityHeaders: securityHeadersSpec(rules.securityHeaders),
      limits: limitsSpec(rules.limits),
      trustedProxies: rules.trustedProxies ?? 0,
      tls: tlsSpec(rules.tls),
      upstreams: upstreamSpecs(rules.upstreams),
      tcp: tcpSpecs(rules.tcp),
    },
  };
}

/** A route has what the gateway says for all where it says nothing else. A body is bounded where it is no stream. */
function routeOf(route: GatewayRules["routes"][number], rules: GatewayRules): RouteSpec {
  const spec = routeSpec(route);
  return {
    ...spec,
    maxBodyKiB: spec.maxBodyKiB ?? (spec.protocol === "grpc" ? undefined : rules.maxBodyKiB),
    addresses: spec.addresses ?? addressesSpec(rules.addresses),
    cors: spec.cors ?? corsSpec(rules.cors),
  };
}

const { usual: USUAL_UPSTREAM } = upstreamSpecs({ usual: {} });

/** How the instances of a service's port are treated, `name` or `name:port`, also where nothing is said of them. */
export function upstreamOf({ upstreams }: GatewayPolicies, target: string): UpstreamSpec {
  return upstreams[target] ?? USUAL_UPSTREAM;
}

/** A service's port that a gateway connects to. */
export type Connection = Pick<RouteSpec, "service" | "port" | "protocol">;

/** Each that Envoy itself leads to; of one port that several name, the last one's protocol holds. */
export function targetsOf({ routes, policies }: GatewaySpec): Connection[] {
  const deciders = Object.values(policies.authentication).flatMap((way): Connection[] => {
    if ("external" in way) {
      return [{ ...way.external, protocol: "http" }];
    }
    return "jwt" in way && "service" in way.jwt.jwks ? [{ ...way.jwt.jwks, protocol: "http" }] : [];
  });
  const direct = routes.filter(({ aggregate }) => aggregate === undefined);
  const others = direct.flatMap(({ split, mirror, protocol }) => {
    return [...split, ...(mirror === undefined ? [] : [mirror])].map((target) => ({ ...target, protocol }));
  });
  const tcp = policies.tcp.map((listener): Connection => ({ ...listener, protocol: "tcp" }));
  return [...tcp, ...deciders, ...others, ...direct].map(({ service, port, protocol }) => ({
    service,
    port,
    protocol,
  }));
}

/** Each that a replica connects to, once. */
export function connectionsOf(spec: GatewaySpec): Connection[] {
  const parts = spec.routes.flatMap(({ aggregate }) => aggregate?.parts ?? []);
  const joined = parts.map(({ service, port }) => ({ service, port, protocol: "http" as const }));
  const all = [...targetsOf(spec), ...joined];
  return [...new Map(all.map((one) => [`${one.service}:${one.port}`, one])).values()];
}
