import type { GatewaySpec } from "../../platform";
import { filterPlace, filtersOf } from "./filters";
import { accessLog, localReplies } from "./replies";
import { address, discoveryResponse, HTTP_PORT, type Json, typed, watchedFile } from "./vocabulary";

/**
 * The one listener. Its routes, and what its filters are told, come from files of their own, so that a change of them touches
 * no connection.
 */
export function listeners(spec: GatewaySpec): Json {
  const router = {
    name: "envoy.filters.http.router",
    typed_config: typed("extensions.filters.http.router.v3.Router"),
  };
  const manager = typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "ingress",
    rds: { route_config_name: "routes", config_source: watchedFile("rds.json") },
    http_filters: [...filtersOf(spec).map(filterPlace), router],
    use_remote_address: true,
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: "REJECT_REQUEST",
    generate_request_id: true,
    preserve_external_request_id: true,
    always_set_request_id_in_response: true,
    server_name: "flotilla",
    upgrade_configs: [{ upgrade_type: "websocket" }],
    common_http_protocol_options: { idle_timeout: "300s", headers_with_underscores_action: "REJECT_REQUEST" },
    request_headers_timeout: "10s",
    stream_idle_timeout: "300s",
    access_log: [accessLog()],
    local_reply_config: localReplies(),
  });
  const filter = { name: "envoy.filters.network.http_connection_manager", typed_config: manager };
  return discoveryResponse([
    typed("config.listener.v3.Listener", {
      name: "http",
      address: address("0.0.0.0", HTTP_PORT),
      filter_chains: [{ filters: [filter] }],
    }),
  ]);
}
