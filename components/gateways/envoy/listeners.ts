import type { GatewaySpec } from "../../platform";
import { filterPlace, filtersOf } from "./filters";
import { metricsListener } from "./metrics";
import { accessLog, localReplies } from "./replies";
import { tcpListeners } from "./tcp-listeners";
import { httpsListener, redirectRoutes } from "./tls";
import {
  address,
  connectionLimit,
  discoveryResponse,
  HTTP_PORT,
  type Json,
  typed,
  watchedFile,
} from "./vocabulary";

/** Bytes that are held of one stream or connection which its other side does not take. */
const HELD_BYTES = { stream: 65536, connection: 1048576 };

/**
 * The listeners. Routes, what filters are told, and certificates come from files of their own, so that a change of them touches
 * no connection.
 */
export function listeners(spec: GatewaySpec): Json {
  const { tls, tcp } = spec.policies;
  const routes = { rds: { route_config_name: "routes", config_source: watchedFile("rds.json") } };
  const isRedirected = tls !== undefined && tls.plainHttp === "redirect";
  return discoveryResponse([
    httpListener(isRedirected ? manager(spec, redirectRoutes(tls), []) : manager(spec, routes), spec),
    ...(tls === undefined ? [] : [httpsListener(tls, chain(manager(spec, routes), spec))]),
    ...tcpListeners(tcp),
    metricsListener(),
  ]);
}

function httpListener(httpManager: Json, spec: GatewaySpec): Json {
  return typed("config.listener.v3.Listener", {
    name: "http",
    address: address("0.0.0.0", HTTP_PORT),
    filter_chains: [{ filters: chain(httpManager, spec) }],
  });
}

function chain(httpManager: Json, { policies: { limits } }: GatewaySpec): Json[] {
  return [
    connectionLimit("http", limits.maxConnections),
    { name: "envoy.filters.network.http_connection_manager", typed_config: httpManager },
  ];
}

function manager(spec: GatewaySpec, routes: Json, filters = filtersOf(spec)): Json {
  const { limits, trustedProxies } = spec.policies;
  const router = {
    name: "envoy.filters.http.router",
    typed_config: typed("extensions.filters.http.router.v3.Router"),
  };
  const idle = `${limits.idleTimeoutSeconds}s`;
  return typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "ingress",
    ...routes,
    http_filters: [...filters.map(filterPlace), router],
    use_remote_address: true,
    xff_num_trusted_hops: trustedProxies,
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: "REJECT_REQUEST",
    generate_request_id: true,
    preserve_external_request_id: true,
    always_set_request_id_in_response: true,
    server_name: "flotilla",
    upgrade_configs: [{ upgrade_type: "websocket" }],
    common_http_protocol_options: {
      idle_timeout: idle,
      headers_with_underscores_action: "REJECT_REQUEST",
      max_headers_count: limits.maxHeaders,
    },
    max_request_headers_kb: limits.maxHeaderKiB,
    http2_protocol_options: {
      max_concurrent_streams: limits.maxStreams,
      initial_stream_window_size: HELD_BYTES.stream,
      initial_connection_window_size: HELD_BYTES.connection,
    },
    request_headers_timeout: `${limits.headersTimeoutSeconds}s`,
    request_timeout: `${limits.requestTimeoutSeconds}s`,
    stream_idle_timeout: idle,
    access_log: [accessLog()],
    local_reply_config: localReplies(),
  });
}
