import type { JwksSpec, JwtSpec } from "../../../policy-specs";
import { clusterName } from "../cluster-name";
import type { Filter, Policy } from "../filter";
import { issuerCluster } from "../issuer-clusters";
import { type Json, typed } from "../vocabulary";
import { perWay } from "./ways";

/** Where the filter leaves the verified claims, under the name of the way. */
export const CLAIMS = "envoy.filters.http.jwt_authn";

/** Verified tokens that are remembered, so that their signatures are not computed again. */
const REMEMBERED_TOKENS = 1000;

/** How long before keys expire Envoy fetches them again; see `RefetchBeforeExpiredSec` in its sources. */
const REFETCH_SECONDS = 5;

/** Callers prove who they are by a signed token: one filter for each issuer. */
export const jwt: Policy = perWay("jwt", filter);

function filter(name: string, spec: JwtSpec, way: string): Filter {
  const provider = {
    issuer: spec.issuer,
    audiences: spec.audiences,
    ...keys(spec),
    clock_skew_seconds: spec.clockSkewSeconds,
    require_expiration: true,
    forward: true,
    // Not in the query, where logs would keep it.
    from_headers: [{ name: "authorization", value_prefix: "Bearer " }],
    payload_in_metadata: way,
    jwt_cache_config: { jwt_cache_size: REMEMBERED_TOKENS },
  };
  const config = typed("extensions.filters.http.jwt_authn.v3.JwtAuthentication", {
    providers: { [way]: provider },
    rules: [{ match: { prefix: "/" }, requires: { provider_name: way } }],
    strip_failure_response: true,
  });
  return { name, config, on: "routes" };
}

function keys({ jwks, cacheSeconds }: JwtSpec): Json {
  if ("inline" in jwks) {
    return { local_jwks: { inline_string: jwks.inline } };
  }
  const http_uri = { ...keysUri(jwks), timeout: "5s" };
  const async_fetch = { fast_listener: true, failed_refetch_duration: "1s" };
  // So that they are fetched again each `cacheSeconds`, and are still known meanwhile.
  const cache_duration = `${cacheSeconds + REFETCH_SECONDS}s`;
  return { remote_jwks: { http_uri, cache_duration, async_fetch } };
}

function keysUri(jwks: Exclude<JwksSpec, { inline: unknown }>): Json {
  return "url" in jwks
    ? { uri: jwks.url, cluster: issuerCluster(jwks.url) }
    : { uri: `http://${jwks.service}${jwks.path}`, cluster: clusterName(jwks) };
}
