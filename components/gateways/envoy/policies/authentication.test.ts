import assert from "node:assert/strict";
import { test } from "node:test";
import type { GatewayRules } from "../../../gateway-spec";
import { gatewaySpec } from "../../../gateway-spec";
import { clusters, targets } from "../clusters";
import { filtersOf } from "../filters";
import { listeners } from "../listeners";
import { routeTable } from "../routes";
import type { Json } from "../vocabulary";

const JWT = {
  issuer: "shop",
  jwks: { service: "users" },
  claimHeaders: { "x-user-id": "sub", "x-city": "address.city" },
};
const RULES: GatewayRules = {
  authentication: {
    shop: { jwt: JWT },
    staff: { jwt: { issuer: "https://id.example.com", jwks: { url: "https://id.example.com/keys" } } },
  },
  routes: [
    { path: "/open", to: "users", authentication: "anonymous" },
    { path: "/orders", to: "orders", authentication: "shop" },
    { path: "/payments", to: "payments", authentication: "staff", authorization: { roles: ["admin"] } },
  ],
};
const spec = gatewaySpec(RULES);

/** What the filters are told of the routes to each path. */
function told(): Record<string, Json> {
  const [table] = routeTable(spec).resources as { virtual_hosts: { routes: Record<string, Json>[] }[] }[];
  const routes = table.virtual_hosts[0].routes.map((route) => {
    return [route.match.path_separated_prefix, route.typed_per_filter_config ?? {}] as const;
  });
  return Object.fromEntries(routes) as Record<string, Json>;
}

test("a listener has a filter for each way to prove who one is, and those are off unless a route switches them on", () => {
  const [listener] = listeners(spec).resources as {
    filter_chains: { filters: { typed_config: Json }[] }[];
  }[];
  const places = listener.filter_chains[0].filters[1].typed_config.http_filters as Json[];
  assert.deepEqual(
    places.map(({ name, disabled = false }) => [name, disabled]),
    [
      ["client-headers", false],
      ["authentication-shop", true],
      ["authentication-staff", true],
      ["caller-shop", true],
      ["caller-staff", true],
      ["authorization", false],
      ["envoy.filters.http.router", false],
    ],
  );
});

test("a route switches on its own way, and an anonymous one none", () => {
  assert.deepEqual(
    Object.entries(told()).map(([path, filters]) => [path, Object.keys(filters)]),
    [
      ["/open", []],
      ["/orders", ["authentication-shop", "caller-shop", "authorization"]],
      ["/payments", ["authentication-staff", "caller-staff", "authorization"]],
    ],
  );
});

test("headers that carry verified claims are taken from clients and written from the token", () => {
  const [clientHeaders, , , claims] = filtersOf(spec) as unknown as {
    config: { mutations: { request_mutations: Json[] } };
  }[];
  assert.deepEqual(clientHeaders.config.mutations.request_mutations, [
    { remove: "x-flotilla-caller" },
    { remove: "x-user-id" },
    { remove: "x-city" },
  ]);
  const written = claims.config.mutations.request_mutations.map(
    ({ append }) => (append as { header: Json }).header,
  );
  const claim = (path: string): string => `%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:shop:${path})%`;
  assert.deepEqual(written, [
    { key: "x-flotilla-caller", value: claim("sub") },
    { key: "x-user-id", value: claim("sub") },
    { key: "x-city", value: claim("address:city") },
  ]);
});

test("keys come from live instances of a service, or over TLS that is verified", () => {
  assert.deepEqual([...targets(spec).keys()], ["users", "orders", "payments"]);
  const issuer = (clusters(spec).resources as Json[]).at(-1)!;
  const tls = (issuer.transport_socket as { typed_config: Json }).typed_config;
  assert.deepEqual([issuer.name, tls.sni], ["issuer id.example.com", "id.example.com"]);
  assert.match(
    JSON.stringify(tls),
    /"trusted_ca":.*"match_typed_subject_alt_names":.*"exact":"id.example.com"/,
  );
});

test("a gateway without policies has the router alone, and tells its routes nothing", () => {
  const plain = gatewaySpec({ routes: [{ path: "/", to: "users" }] });
  assert.deepEqual(filtersOf(plain), []);
  assert.doesNotMatch(JSON.stringify(routeTable(plain)), /typed_per_filter_config|request_headers_to_remove/);
});
