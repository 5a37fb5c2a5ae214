import type { GatewaySpec, RouteSpec } from "../../../platform";
import type { JwksSpec, JwtSpec } from "../../../policy-specs";
import { clusterName } from "../cluster-name";
import { type Filter, type Policy, SWITCHED_ON } from "../filter";
import { issuerCluster } from "../issuer-clusters";
import { type Json, typed } from "../vocabulary";

/** Where the filter leaves the verified claims, under the name of the way. */
export const CLAIMS = "envoy.filters.http.jwt_authn";

/** Verified tokens that are remembered, so that their signatures are not computed again. */
const REMEMBERED_TOKENS = 1000;

/** Callers prove who they are by a signed token: one filter for each issuer. */
export const jwt: Policy = {
  filters: (spec) => jwtWays(spec).map(([name, way]) => filter(name, way)),
  ofRoute(route, spec) {
    return jwtWayOf(route, spec) === undefined ? {} : { [filterName(route.authentication!)]: SWITCHED_ON };
  },
};

/** The issuers of a gateway, by the name of the way. */
export function jwtWays({ policies }: GatewaySpec): [string, JwtSpec][] {
  const ways = Object.entries(policies.authentication);
  return ways.flatMap(([name, way]) => ("jwt" in way ? [[name, way.jwt] as [string, JwtSpec]] : []));
}

/** The issuer of the tokens that a route asks for. */
export function jwtWayOf({ authentication }: RouteSpec, { policies }: GatewaySpec): JwtSpec | undefined {
  const way = authentication === undefined ? undefined : policies.authentication[authentication];
  return way !== undefined && "jwt" in way ? way.jwt : undefined;
}

function filterName(way: string): string {
  return `jwt-${way}`;
}

function filter(name: string, spec: JwtSpec): Filter {
  const provider = {
    issuer: spec.issuer,
    audiences: spec.audiences,
    ...keys(spec),
    clock_skew_seconds: spec.clockSkewSeconds,
    require_expiration: true,
    forward: true,
    // Not in the query, where logs would keep it.
    from_headers: [{ name: "authorization", value_prefix: "Bearer " }],
    payload_in_metadata: name,
    jwt_cache_config: { jwt_cache_size: REMEMBERED_TOKENS },
  };
  const config = typed("extensions.filters.http.jwt_authn.v3.JwtAuthentication", {
    providers: { [name]: provider },
    rules: [{ match: { prefix: "/" }, requires: { provider_name: name } }],
    strip_failure_response: true,
    stat_prefix: name,
  });
  return { name: filterName(name), config, on: "routes" };
}

function keys({ jwks, cacheSeconds }: JwtSpec): Json {
  if ("inline" in jwks) {
    return { local_jwks: { inline_string: jwks.inline } };
  }
  const http_uri = { ...keysUri(jwks), timeout: "5s" };
  const async_fetch = { fast_listener: true, failed_refetch_duration: "1s" };
  return { remote_jwks: { http_uri, cache_duration: `${cacheSeconds}s`, async_fetch } };
}

function keysUri(jwks: Exclude<JwksSpec, { inline: unknown }>): Json {
  return "url" in jwks
    ? { uri: jwks.url, cluster: issuerCluster(jwks.url) }
    : { uri: `http://${jwks.service}${jwks.path}`, cluster: clusterName(jwks) };
}
