import type { GatewaySpec, RouteSpec } from "../../platform";
import { virtualHosts } from "../../virtual-hosts";
import { aggregateAction } from "./aggregator";
import { clusterName } from "./cluster-name";
import { filterConfigs } from "./filters";
import { CALLER_HEADER } from "./policies/caller-header";
import { needsPreflight } from "./policies/cors";
import { wayOf } from "./policies/ways";
import { discoveryResponse, type Json, typed } from "./vocabulary";

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

/** One virtual host for each host name: with its own routes, then those of the wildcards that cover it, then any host's. */
export function routeTable(spec: GatewaySpec): Json {
  const hosts = virtualHosts(spec.routes).map(([host, own]) => {
    return { name: host, domains: [host], routes: own.flatMap((route) => envoyRoutes(route, spec)) };
  });
  return discoveryResponse([
    typed("config.route.v3.RouteConfiguration", {
      name: "routes",
      ignore_port_in_host_matching: true,
      ...internalHeaders(spec),
      virtual_hosts: hosts,
    }),
  ]);
}

/** A route once for methods that change nothing, with generous retries, and once for the others, with careful ones. */
function envoyRoutes(route: RouteSpec, spec: GatewaySpec): Json[] {
  const { aggregate, timeoutSeconds } = route;
  if (aggregate !== undefined) {
    const joined = aggregateAction(aggregate, timeoutSeconds);
    return [{ match: match(route, route.methods), ...joined, ...filterConfigs(route, spec) }];
  }
  const any = route.methods.length === 0;
  const safe = any ? SAFE_METHODS : route.methods.filter((method) => SAFE_METHODS.includes(method));
  const others = route.methods.filter((method) => !SAFE_METHODS.includes(method));
  const told = { ...filterConfigs(route, spec), ...keptCredentials(route, spec) };
  return [
    ...(needsPreflight(route)
      ? [{ match: preflightMatch(route), route: action(route, RETRY_SAFE), ...told }]
      : []),
    ...(safe.length > 0 ? [{ match: match(route, safe), route: action(route, RETRY_SAFE), ...told }] : []),
    ...(any || others.length > 0
      ? [{ match: match(route, others), route: action(route, RETRY_UNSENT), ...told }]
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

/** What browsers ask before they use a method of the route. */
function preflightMatch(route: RouteSpec): Json {
  const asked = { safe_regex: { regex: route.methods.join("|") } };
  const headers = [
    { name: ":method", string_match: { exact: "OPTIONS" } },
    { name: "access-control-request-method", string_match: asked },
  ];
  return { ...pathMatch(route), headers };
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
    typed_config: typed("extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
  };
  return {
    ...destinations(route),
    timeout: `${route.timeoutSeconds}s`,
    // What is upgraded is a stream without end, which no limit of a body can hold.
    ...(route.maxBodyKiB === undefined
      ? {}
      : { upgrade_configs: [{ upgrade_type: "websocket", enabled: false }] }),
    ...(route.rewritePrefix === undefined ? {} : rewrite(route, route.rewritePrefix)),
    retry_policy: {
      retry_on: retryOn,
      num_retries: route.retries,
      ...(route.tryTimeoutSeconds === undefined ? {} : { per_try_timeout: `${route.tryTimeoutSeconds}s` }),
      retry_host_predicate: [previousHosts],
      host_selection_retry_max_attempts: PICKS,
      retry_back_off: { base_interval: "0.025s", max_interval: "0.25s" },
    },
  };
}

/** Where requests go: to one place, or to several by their shares; and where copies go. */
function destinations(route: RouteSpec): Json {
  const { split, mirror, service, port, metadata } = route;
  const shared = split.reduce((sum, { percent }) => sum + percent, 0);
  const shares = [{ service, port, metadata, percent: 100 - shared }, ...split].filter(
    ({ percent }) => percent > 0,
  );
  const clusters = shares.map((share) => ({
    name: clusterName(share),
    weight: share.percent,
    ...instances(share.metadata),
  }));
  const copied = mirror && [
    {
      cluster: clusterName(mirror),
      runtime_fraction: { default_value: { numerator: mirror.percent, denominator: "HUNDRED" } },
    },
  ];
  return {
    ...(split.length === 0
      ? { cluster: clusterName(route), ...instances(metadata) }
      : { weighted_clusters: { clusters } }),
    ...(copied === undefined ? {} : { request_mirror_policies: copied }),
  };
}

function instances(metadata: Record<string, string>): Json {
  const wanted = { filter_metadata: { "envoy.lb": metadata } };
  return Object.keys(metadata).length === 0 ? {} : { metadata_match: wanted };
}

/** Passwords stay at the gateway. */
function keptCredentials(route: RouteSpec, spec: GatewaySpec): Json {
  const way = wayOf(route, spec);
  return way !== undefined && "basic" in way ? { request_headers_to_remove: ["authorization"] } : {};
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

/** What filters tell each other does not go on to services. */
function internalHeaders({ policies }: GatewaySpec): Json {
  return Object.keys(policies.authentication).length === 0
    ? {}
    : { request_headers_to_remove: [CALLER_HEADER] };
}
