import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewaySpec } from "../../gateway-spec";
import type { GatewaySpec, RouteSpec } from "../../platform";
import { bootstrap } from "./bootstrap";
import { clusterName } from "./cluster-name";
import { clusters } from "./clusters";
import { routeTable } from "./routes";
import { WATCHED } from "./vocabulary";

interface EnvoyRoute {
  match: { path?: string; prefix?: string; path_separated_prefix?: string; headers: HeaderMatch[] };
  route: Record<string, unknown> & { cluster: string; retry_policy: Record<string, unknown> };
}

interface HeaderMatch {
  name: string;
  string_match: { exact?: string; safe_regex?: { regex: string } };
}

function route(path: RouteSpec["path"], more: Partial<RouteSpec> = {}): RouteSpec {
  const usual = {
    ...{ hosts: [], methods: [], headers: {}, metadata: {}, split: [] },
    ...{ service: "users", protocol: "http" as const },
  };
  return { ...usual, timeoutSeconds: 15, retries: 2, path, ...more };
}

/** A gateway that has routes and nothing else. */
function plain(routes: RouteSpec[]): GatewaySpec {
  return { ...gatewaySpec({ routes: [] }), routes };
}

function hosts(routes: RouteSpec[]): { domains: string[]; routes: EnvoyRoute[] }[] {
  const [table] = routeTable(plain(routes)).resources as {
    virtual_hosts: { domains: string[]; routes: EnvoyRoute[] }[];
  }[];
  return table.virtual_hosts;
}

/** What Envoy is told for one route, written for any host. */
function envoyRoutes(given: RouteSpec): EnvoyRoute[] {
  return hosts([given])[0].routes;
}

const SAFE = { name: ":method", string_match: { safe_regex: { regex: "GET|HEAD|OPTIONS" } } };
const UNSENT = "connect-failure,refused-stream,reset-before-request";
const CUT_OFF = `${UNSENT},reset,gateway-error`;

test("a path takes what is below it and not what only starts alike; the root takes all", () => {
  const matches = (path: RouteSpec["path"]) => envoyRoutes(route(path)).map(({ match }) => match);
  assert.deepEqual(matches({ prefix: "/users" }), [
    { path_separated_prefix: "/users", headers: [SAFE] },
    { path_separated_prefix: "/users", headers: [] },
  ]);
  assert.deepEqual(matches({ prefix: "/" }), [
    { prefix: "/", headers: [SAFE] },
    { prefix: "/", headers: [] },
  ]);
  assert.deepEqual(matches({ exact: "/users/me" }), [
    { path: "/users/me", headers: [SAFE] },
    { path: "/users/me", headers: [] },
  ]);
});

test("what changes nothing is tried again also when the answer broke, everything else only when unsent", () => {
  const tries = (methods: string[]) =>
    envoyRoutes(route({ prefix: "/" }, { methods })).map(({ match, route: action }) => [
      match.headers[0]?.string_match.safe_regex?.regex ?? "any",
      action.retry_policy.retry_on,
    ]);
  assert.deepEqual(tries([]), [
    ["GET|HEAD|OPTIONS", CUT_OFF],
    ["any", UNSENT],
  ]);
  assert.deepEqual(tries(["GET", "POST", "DELETE"]), [
    ["GET", CUT_OFF],
    ["POST|DELETE", UNSENT],
  ]);
  assert.deepEqual(tries(["GET"]), [["GET", CUT_OFF]]);
  assert.deepEqual(tries(["POST"]), [["POST", UNSENT]]);
});

test("a route chooses instances by their metadata, and leaves other routes of the service their own", () => {
  const canary = route({ prefix: "/canary" }, { metadata: { version: "2", zone: "a" } });
  const routes = [canary, route({ prefix: "/" })];
  const matches = hosts(routes)[0].routes.map(({ route: action }) => action.metadata_match);
  const chosen = { filter_metadata: { "envoy.lb": { version: "2", zone: "a" } } };
  assert.deepEqual(matches, [chosen, chosen, undefined, undefined]);
  const [cluster] = clusters(plain([...routes, canary])).resources as { lb_subset_config?: object }[];
  assert.deepEqual(cluster.lb_subset_config, {
    fallback_policy: "ANY_ENDPOINT",
    subset_selectors: [{ keys: ["version", "zone"], fallback_policy: "NO_FALLBACK" }],
  });
  const [simple] = clusters(plain([route({ prefix: "/" })])).resources as { lb_subset_config?: object }[];
  assert.equal(simple.lb_subset_config, undefined);
});

test("tries go to another instance, and their number and the time-out are the route's", () => {
  const [{ route: action }] = envoyRoutes(route({ prefix: "/" }, { retries: 0, timeoutSeconds: 7 }));
  assert.equal(action.timeout, "7s");
  assert.equal(action.retry_policy.num_retries, 0);
  const [predicate] = action.retry_policy.retry_host_predicate as { name: string }[];
  assert.equal(predicate.name, "envoy.retry_host_predicates.previous_hosts");
});

test("while one of two instances is dead, a new try practically always goes to the one that lives", () => {
  const [{ route: action }] = envoyRoutes(route({ prefix: "/" }));
  // Envoy takes the idler of two that it draws: the dead one unless both draws are the one that is busy.
  const dead = 3 / 4;
  const draws = 1 + (action.retry_policy.host_selection_retry_max_attempts as number);
  assert.ok(dead ** draws < 1 / 10_000, `a try goes to the dead one with a chance of ${dead ** draws}`);
});

test("headers must have exactly their values, beside the method", () => {
  const headers = { "x-version": "2", "x-beta": "yes" };
  const [{ match }] = envoyRoutes(route({ prefix: "/" }, { headers, methods: ["POST"] }));
  assert.deepEqual(match.headers, [
    { name: ":method", string_match: { safe_regex: { regex: "POST" } } },
    { name: "x-version", string_match: { exact: "2" } },
    { name: "x-beta", string_match: { exact: "yes" } },
  ]);
});

test("a rewrite puts another prefix in place; one to the root leaves no double slash", () => {
  const rewrite = (prefix: string, rewritePrefix?: string) => {
    const [{ route: action }] = envoyRoutes(route({ prefix }, { rewritePrefix }));
    return { plain: action.prefix_rewrite, regex: action.regex_rewrite };
  };
  assert.deepEqual(rewrite("/users"), { plain: undefined, regex: undefined });
  assert.deepEqual(rewrite("/users", "/v2/people"), { plain: "/v2/people", regex: undefined });
  assert.deepEqual(rewrite("/", "/"), { plain: "/", regex: undefined });
  const { regex } = rewrite("/users.v1", "/") as {
    regex: { pattern: { regex: string }; substitution: string };
  };
  const rewritten = (path: string) => path.replace(new RegExp(regex.pattern.regex), regex.substitution);
  assert.equal(rewritten("/users.v1/7"), "/7");
  assert.equal(rewritten("/users.v1"), "/");
  assert.equal(rewritten("/users.v1?a=/b"), "/?a=/b");
  assert.equal(rewritten("/usersXv1/7"), "/usersXv1/7");
});

test("a rewrite from the root keeps the slash between the parts", () => {
  const [{ route: action }] = envoyRoutes(route({ prefix: "/" }, { rewritePrefix: "/v2" }));
  assert.deepEqual([action.prefix_rewrite, action.regex_rewrite], ["/v2/", undefined]);
});

test("routes keep the order in which they are given", () => {
  const given = [route({ exact: "/a" }), route({ prefix: "/b" }), route({ prefix: "/" })];
  assert.deepEqual(
    hosts(given)[0].routes.map(({ match }) => match.path ?? match.path_separated_prefix ?? match.prefix),
    ["/a", "/a", "/b", "/b", "/", "/"],
  );
});

test("a host name has its own routes first, then those of wildcards that cover it, then any host's", () => {
  const given = [
    route({ prefix: "/any" }),
    route({ prefix: "/wide" }, { hosts: ["*.example.com"] }),
    route({ prefix: "/near" }, { hosts: ["*.eu.example.com"] }),
    route({ prefix: "/own" }, { hosts: ["a.eu.example.com", "other.org"] }),
  ];
  const paths = Object.fromEntries(
    hosts(given).map(({ domains, routes }) => {
      const own = routes.map(({ match }) => match.path_separated_prefix);
      return [domains.join(), [...new Set(own)]];
    }),
  );
  assert.deepEqual(paths, {
    "*": ["/any"],
    "*.example.com": ["/wide", "/any"],
    "*.eu.example.com": ["/near", "/wide", "/any"],
    "a.eu.example.com": ["/own", "/near", "/wide", "/any"],
    "other.org": ["/own", "/any"],
  });
});

test("a service's port is one cluster, however many routes lead to it", () => {
  const given = [
    route({ prefix: "/users" }),
    route({ prefix: "/people" }),
    route({ prefix: "/admin" }, { port: "admin", protocol: "grpc" }),
  ];
  assert.deepEqual(given.map(clusterName), ["users", "users", "users:admin"]);
  const made = clusters(plain(given)).resources as Record<string, Record<string, Record<string, unknown>>>[];
  const folder = { path: `${WATCHED}/endpoints` };
  assert.deepEqual(
    made.map(({ name, eds_cluster_config: { eds_config } }) => [name, eds_config.path_config_source]),
    [
      ["users", { path: `${WATCHED}/endpoints/users.json`, watched_directory: folder }],
      ["users:admin", { path: `${WATCHED}/endpoints/users_admin.json`, watched_directory: folder }],
    ],
  );
  const options = made.map(({ typed_extension_protocol_options: all }) => {
    return Object.values(all)[0].explicit_http_config;
  });
  assert.deepEqual(options, [{ http_protocol_options: {} }, { http2_protocol_options: {} }]);
});

test("the bootstrap is the same for all routes, and its admin interface on loopback", () => {
  const { admin, node } = bootstrap("edge");
  assert.deepEqual(node, { id: "edge", cluster: "edge" });
  assert.deepEqual(admin, { address: { socket_address: { address: "127.0.0.1", port_value: 9901 } } });
});
