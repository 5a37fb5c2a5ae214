import { ADMIN_CLUSTER } from "./bootstrap";
import { address, type Json, METRICS_PORT, typed } from "./vocabulary";

/**
 * `GET /metrics` for Prometheus, and nothing else of the admin interface, which stays on loopback. No public port leads here.
 */
export function metricsListener(): Json {
  const route = {
    match: { path: "/metrics", headers: [{ name: ":method", string_match: { exact: "GET" } }] },
    route: { cluster: ADMIN_CLUSTER, prefix_rewrite: "/stats/prometheus" },
  };
  const manager = typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "metrics",
    route_config: { name: "metrics", virtual_hosts: [{ name: "*", domains: ["*"], routes: [route] }] },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: typed("extensions.filters.http.router.v3.Router"),
      },
    ],
  });
  return typed("config.listener.v3.Listener", {
    name: "metrics",
    address: address("0.0.0.0", METRICS_PORT),
    filter_chains: [
      { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] },
    ],
  });
}
