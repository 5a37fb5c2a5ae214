/** Envoy's configuration as data: pure functions from routes to the files that Envoy watches. */
import type { RouteSpec } from "../platform";
import { virtualHosts } from "../virtual-hosts";

/** Folder that the agent keeps up to date and Envoy watches. */
export const WATCHED = "/var/lib/envoy";
export const ADMIN_PORT = 9901;
export const HTTP_PORT = 8080;

type Json = Record<string, unknown>;

const TYPES = "type.googleapis.com/envoy";
const MANAGER = `${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTES_NAME = "routes";

/**
 * Tries that are safe for any method: the request never reached the service. For methods that change nothing, also what
 * broke on the way back.
 */
const RETRY_UNSENT = "connect-failure,refused-stream,reset-before-request";
const RETRY_SAFE = `${RETRY_UNSENT},reset,gateway-error`;
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * How often a new try may draw another instance than one that failed it. Envoy draws by chance, and of two instances it
 * draws the idle one three times out of four: a dead one is always idle.
 */
const PICKS = 32;

/** Shorter than the keep-alive of common servers (5 s), so that Envoy never sends on a connection about to close. */
const UPSTREAM_IDLE_SECONDS = 3;

const path = (name: string): Json => ({
  path_config_source: { path: `${WATCHED}/${name}`, watched_directory: { path: WATCHED } },
  resource_api_version: "V3",
});

/** The part that never changes: where the other files are, and an admin interface on loopback only. */
export function bootstrap(name: string): Json {
  return {
    node: { id: name, cluster: name },
    admin: { address: address("127.0.0.1", ADMIN_PORT) },
    dynamic_resources: { lds_config: path("lds.json"), cds_config: path("cds.json") },
  };
}

/** Name of the cluster of a service's port, which is also how the agent is asked for its instances. */
export function clusterName(route: Pick<RouteSpec, "service" | "port">): string {
  return route.port === undefined ? route.service : `${route.service}:${route.port}`;
}

/** The one listener; its routes come from a file of their own, so that a changed route touches no connection. */
export function listeners(): Json {
  const manager = {
    "@type": MANAGER,
    stat_prefix: "ingress",
    rds: { route_config_name: ROUTES_NAME, config_source: path("rds.json") },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${TYPES}.extensions.filters.http.router.v3.Router` },
      },
    ],
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
  };
  const filter = { name: "envoy.filters.network.http_connection_manager", typed_config: manager };
  return discoveryResponse([
    {
      "@type": `${TYPES}.config.listener.v3.Listener`,
      name: "http",
      address: address("0.0.0.0", HTTP_PORT),
      filter_chains: [{ filters: [filter] }],
    },
  ]);
}

/** One virtual host for each host name: with its own routes, then those of the wildcards that cover it, then any host's. */
export function routeTable(routes: RouteSpec[]): Json {
  const hosts = virtualHosts(routes).map(([host, own]) => {
    return { name: host, domains: [host], routes: own.flatMap(envoyRoutes) };
  });
  return discoveryResponse([
    {
      "@type": `${TYPES}.config.route.v3.RouteConfiguration`,
      name: ROUTES_NAME,
      ignore_port_in_host_matching: true,
      virtual_hosts: hosts,
    },
  ]);
}

/** A route once for methods that change nothing, with generous retries, and once for the others, with careful ones. */
function envoyRoutes(route: RouteSpec): Json[] {
  const any = route.methods.length === 0;
  const safe = any ? SAFE_METHODS : route.methods.filter((method) => SAFE_METHODS.includes(method));
  const others = route.methods.filter((method) => !SAFE_METHODS.includes(method));
  return [
    ...(safe.length > 0 ? [{ match: match(route, safe), route: action(route, RETRY_SAFE) }] : []),
    ...(any || others.length > 0
      ? [{ match: match(route, others), route: action(route, RETRY_UNSENT) }]
      : []),
  ];
}

/** `methods` empty means any. */
function match(route: RouteSpec, methods: string[]): Json {
  const byMethod = { name: ":method", string_match: { safe_regex: { regex: methods.join("|") } } };
  const headers = Object.entries(route.headers).map(([name, value]) => ({
    name,
    string_match: { exact: value },
  }));
  return { ...pathMatch(route), headers: [...(methods.length > 0 ? [byMethod] : []), ...headers] };
}

function pathMatch({ path: wanted }: RouteSpec): Json {
  if ("exact" in wanted) {
    return { path: wanted.exact };
  }
  return wanted.prefix === "/" ? { prefix: "/" } : { path_separated_prefix: wanted.prefix };
}

function action(route: RouteSpec, retryOn: string): Json {
  const previousHosts = {
    name: "envoy.retry_host_predicates.previous_hosts",
    typed_config: { "@type": `${TYPES}.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate` },
  };
  return {
    cluster: clusterName(route),
    ...(Object.keys(route.metadata).length === 0
      ? {}
      : { metadata_match: { filter_metadata: { "envoy.lb": route.metadata } } }),
    timeout: `${route.timeoutSeconds}s`,
    ...(route.rewritePrefix === undefined ? {} : rewrite(route, route.rewritePrefix)),
    retry_policy: {
      retry_on: retryOn,
      num_retries: route.retries,
      retry_host_predicate: [previousHosts],
      host_selection_retry_max_attempts: PICKS,
      retry_back_off: { base_interval: "0.025s", max_interval: "0.25s" },
    },
  };
}

function rewrite(route: RouteSpec, replacement: string): Json {
  if ("prefix" in route.path && route.path.prefix !== "/" && replacement === "/") {
    // A plain prefix rewrite to "/" would make "//rest" of "/prefix/rest".
    const regex = `^${route.path.prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/?`;
    return { regex_rewrite: { pattern: { regex }, substitution: "/" } };
  }
  const fromRoot = "prefix" in route.path && route.path.prefix === "/" && replacement !== "/";
  return { prefix_rewrite: fromRoot ? `${replacement}/` : replacement };
}

/** One cluster for each service port that a route leads to; the agent writes the instances. */
export function clusters(routes: RouteSpec[]): Json {
  const byName = new Map(routes.map((route) => [clusterName(route), route]));
  return discoveryResponse(
    [...byName].map(([name, route]) => ({
      "@type": `${TYPES}.config.cluster.v3.Cluster`,
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
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": `${TYPES}.extensions.upstreams.http.v3.HttpProtocolOptions`,
          common_http_protocol_options: { idle_timeout: `${UPSTREAM_IDLE_SECONDS}s` },
          explicit_http_config:
            route.protocol === "grpc" ? { http2_protocol_options: {} } : { http_protocol_options: {} },
        },
      },
    })),
  );
}

/** Lets routes choose among a cluster's instances by their metadata; other routes take any. */
function subsets(routes: RouteSpec[]): Json {
  const keys = routes.map(({ metadata }) => Object.keys(metadata).sort()).filter(({ length }) => length > 0);
  const selectors = new Map(keys.map((own) => [own.join(), { keys: own, fallback_policy: "NO_FALLBACK" }]));
  return selectors.size === 0
    ? {}
    : { lb_subset_config: { fallback_policy: "ANY_ENDPOINT", subset_selectors: [...selectors.values()] } };
}

function accessLog(): Json {
  return {
    name: "envoy.access_loggers.stdout",
    typed_config: {
      "@type": `${TYPES}.extensions.access_loggers.stream.v3.StdoutAccessLog`,
      log_format: {
        json_format: {
          time: "%START_TIME%",
          method: "%REQ(:METHOD)%",
          path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
          host: "%REQ(:AUTHORITY)%",
          status: "%RESPONSE_CODE%",
          flags: "%RESPONSE_FLAGS%",
          durationMs: "%DURATION%",
          service: "%UPSTREAM_CLUSTER%",
          instance: "%UPSTREAM_HOST%",
          requestId: "%REQ(X-REQUEST-ID)%",
        },
      },
    },
  };
}

/** What Envoy itself answers is JSON like what the services answer. */
function localReplies(): Json {
  const named: [number, string, string][] = [
    [400, "bad_request", "The gateway does not accept this request."],
    [404, "not_found", "No route leads here."],
    [408, "request_timeout", "The request was not sent in time."],
    [413, "payload_too_large", "The request is too large."],
    [426, "upgrade_required", "This protocol is not served here."],
    [431, "headers_too_large", "The request's headers are too large."],
    [502, "bad_gateway", "The service broke off."],
    [503, "unavailable", "No instance of the service can be reached."],
    [504, "gateway_timeout", "The service did not answer in time."],
  ];
  return {
    mappers: named.map(([status, error, message]) => ({
      filter: {
        status_code_filter: {
          comparison: { op: "EQ", value: { default_value: status, runtime_key: `replies.${status}` } },
        },
      },
      body_format_override: {
        json_format: { error, message, requestId: "%REQ(X-REQUEST-ID)%" },
        content_type: "application/json",
      },
    })),
    body_format: {
      json_format: { error: "refused", message: "%LOCAL_REPLY_BODY%", requestId: "%REQ(X-REQUEST-ID)%" },
      content_type: "application/json",
    },
  };
}

function discoveryResponse(resources: Json[]): Json {
  return { version_info: "1", resources };
}

function address(host: string, port: number): Json {
  return { socket_address: { address: host, port_value: port } };
}
