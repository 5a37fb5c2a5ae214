import type { GatewaySpec, Protocol, RouteSpec } from "../../platform";
import { aggregatorClusters } from "./aggregator";
import { clusterName } from "./cluster-name";
import { issuerClusters } from "./issuer-clusters";
import { jwtWays } from "./policies/jwt";
import { discoveryResponse, type Json, typed, WATCHED } from "./vocabulary";

/** Shorter than the keep-alive of common servers (5 s), so that Envoy never sends on a connection about to close. */
const UPSTREAM_IDLE_SECONDS = 3;

/** The services' ports that anything leads to, by the name of their cluster: the agent writes the instances of each. */
export function targets(spec: GatewaySpec): Map<string, { protocol: Protocol }> {
  const issuers = jwtWays(spec).flatMap(([, { jwks }]) => {
    return "service" in jwks ? [{ ...jwks, protocol: "http" as const }] : [];
  });
  const routes = spec.routes.filter(({ aggregate }) => aggregate === undefined);
  return new Map([...issuers, ...routes].map((target) => [clusterName(target), target]));
}

/** One cluster for each service port that a route leads to; the agent writes the instances. */
export function clusters(spec: GatewaySpec): Json {
  const { routes } = spec;
  const own = [...targets(spec)].map(([name, { protocol }]) =>
    typed("config.cluster.v3.Cluster", {
      name,
      type: "EDS",
      eds_cluster_config: {
        eds_config: {
          path_config_source: {
            path: `${WATCHED}/endpoints/${name.replace(":", "_")}.json`,
            watched_directory: { path: `${WATCHED}/endpoints` },
          },
          resource_api_version: "V3",
        },
      },
      connect_timeout: "1s",
      lb_policy: "LEAST_REQUEST",
      ...subsets(routes.filter((other) => clusterName(other) === name)),
      // By default only 3 requests may be tried again at once: too few when an instance dies under load.
      circuit_breakers: { thresholds: [{ max_retries: 1024 }] },
      common_lb_config: { healthy_panic_threshold: { value: 0 } },
      outlier_detection: {
        consecutive_5xx: 0,
        consecutive_gateway_failure: 0,
        enforcing_consecutive_5xx: 0,
        enforcing_success_rate: 0,
        split_external_local_origin_errors: true,
        consecutive_local_origin_failure: 2,
        base_ejection_time: "5s",
        max_ejection_time: "15s",
        max_ejection_percent: 50,
        interval: "1s",
      },
      typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
          "extensions.upstreams.http.v3.HttpProtocolOptions",
          {
            common_http_protocol_options: { idle_timeout: `${UPSTREAM_IDLE_SECONDS}s` },
            explicit_http_config:
              protocol === "grpc" ? { http2_protocol_options: {} } : { http_protocol_options: {} },
          },
        ),
      },
    }),
  );
  return discoveryResponse([...own, ...aggregatorClusters(spec), ...issuerClusters(spec)]);
}

/** Lets routes choose among a cluster's instances by their metadata; other routes take any. */
function subsets(routes: RouteSpec[]): Json {
  const keys = routes.map(({ metadata }) => Object.keys(metadata).sort()).filter(({ length }) => length > 0);
  const selectors = new Map(keys.map((own) => [own.join(), { keys: own, fallback_policy: "NO_FALLBACK" }]));
  return selectors.size === 0
    ? {}
    : { lb_subset_config: { fallback_policy: "ANY_ENDPOINT", subset_selectors: [...selectors.values()] } };
}
