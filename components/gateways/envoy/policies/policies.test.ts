import assert from "node:assert/strict";
import { test } from "node:test";
import { type GatewayRules, gatewaySpec } from "../../../gateway-spec";
import { filterFile, filtersOf } from "../filters";
import { listeners } from "../listeners";
import { routeTable } from "../routes";
import type { Json } from "../vocabulary";

const USERS = { path: "/users", to: "users" };

function envoyRoutes(rules: GatewayRules): Record<string, Json>[] {
  const [table] = routeTable(gatewaySpec(rules)).resources as unknown as {
    virtual_hosts: { routes: Record<string, Json>[] }[];
  }[];
  return table.virtual_hosts[0].routes;
}

function names(rules: GatewayRules): string[] {
  return filtersOf(gatewaySpec(rules)).map(({ name }) => name);
}

test("a route's limit is one filter for all of its requests, whatever other routes there are", () => {
  const limited = { ...USERS, rateLimit: { requests: 5 } };
  const [name, ...others] = names({ routes: [limited] });
  assert.deepEqual(others, []);
  const told = envoyRoutes({ routes: [limited] }).map(({ typed_per_filter_config }) =>
    Object.keys(typed_per_filter_config),
  );
  assert.deepEqual(told, [[name], [name]], "the route for safe methods, and that for the others");
  const more = names({ routes: [{ path: "/a", to: "users", rateLimit: { requests: 1 } }, limited] });
  assert(more.includes(name) && more.length === 2);
  assert.deepEqual(names({ rateLimit: { requests: 9 }, routes: [limited] }), ["rate-limit", name]);
});

test("limits by caller come after authentication, others before", () => {
  const authentication = { shop: { jwt: { issuer: "shop", jwks: { service: "users" } } } };
  const order = (by: "address" | "caller"): string[] =>
    names({ authentication, rateLimit: { requests: 1, by }, routes: [{ ...USERS, authentication: "shop" }] });
  const ways = ["authentication-shop", "caller-shop", "authorization"];
  assert.deepEqual(order("address"), ["client-headers", "rate-limit", ...ways]);
  assert.deepEqual(order("caller"), ["client-headers", ...ways, "rate-limit"]);
});

test("a route has what the gateway says for all where it says nothing else; a stream has no bound", () => {
  const rules: GatewayRules = {
    ...{ maxBodyKiB: 10, addresses: { allow: ["10.0.0.0/8"] } },
    routes: [
      USERS,
      { path: "/large", to: "users", maxBodyKiB: 99 },
      { path: "/rpc", to: "users", protocol: "grpc" },
    ],
  };
  const bounds = gatewaySpec(rules).routes.map(({ maxBodyKiB, addresses }) => [maxBodyKiB, addresses?.allow]);
  assert.deepEqual(bounds, [
    [10, ["10.0.0.0/8"]],
    [99, ["10.0.0.0/8"]],
    [undefined, ["10.0.0.0/8"]],
  ]);
});

test("an origin with a wildcard takes names below it and nothing that only ends or starts alike", () => {
  const [route] = envoyRoutes({ routes: [{ ...USERS, cors: { origins: ["https://*.example.org"] } }] });
  const cors = route.typed_per_filter_config.cors as {
    allow_origin_string_match: { safe_regex: { regex: string } }[];
  };
  // Envoy matches the whole text.
  const wanted = new RegExp(`^(?:${cors.allow_origin_string_match[0].safe_regex.regex})$`);
  const taken = [
    "https://a.example.org",
    "https://example.org",
    "https://a.example.org.evil.com",
    "https://aXexampleXorg",
  ];
  assert.deepEqual(
    taken.filter((origin) => wanted.test(origin)),
    ["https://a.example.org"],
  );
});

test("browsers may ask before they use a method that the route takes", () => {
  const [preflight] = envoyRoutes({ routes: [{ ...USERS, methods: ["PUT"], cors: { origins: ["*"] } }] });
  assert.deepEqual(preflight.match.headers, [
    { name: ":method", string_match: { exact: "OPTIONS" } },
    { name: "access-control-request-method", string_match: { safe_regex: { regex: "PUT" } } },
  ]);
  assert.equal(envoyRoutes({ routes: [{ ...USERS, methods: ["PUT"] }] }).length, 1);
});

test("shares go elsewhere, and the rest to the route's own service", () => {
  const split = [
    { metadata: { version: "2" }, percent: 30 },
    { to: "people", percent: 20 },
  ];
  const shares = (given: typeof split): unknown =>
    envoyRoutes({ routes: [{ ...USERS, split: given }] })[0].route.weighted_clusters;
  const second = { filter_metadata: { "envoy.lb": { version: "2" } } };
  assert.deepEqual(shares(split), {
    clusters: [
      { name: "users", weight: 50 },
      { name: "users", weight: 30, metadata_match: second },
      { name: "people", weight: 20 },
    ],
  });
  assert.deepEqual(shares([{ to: "people", percent: 100 }]), { clusters: [{ name: "people", weight: 100 }] });
});

test("passwords are hashes in a secret file, and no way's secrets are in any other", () => {
  const rules: GatewayRules = {
    authentication: {
      staff: { basic: { users: { ada: { password: "{{ada}}" } } } },
      machines: { apiKey: { clients: { robot: { key: "{{robot}}" } } } },
    },
    routes: [{ ...USERS, authentication: "staff" }],
  };
  const spec = gatewaySpec(rules);
  const secret = filtersOf(spec)
    .filter((filter) => filter.secret)
    .map((filter) => filterFile(filter).name);
  assert.deepEqual(secret, ["filter-authentication-staff.json", "filter-authentication-machines.json"]);
  const open = [listeners(spec), routeTable(spec), ...filtersOf(spec).filter((filter) => !filter.secret)];
  assert.doesNotMatch(JSON.stringify(open), /\{\{/);
});

test("what changes in a route, a limit or a way changes no listener", () => {
  const of = (requests: number, issuer: string, to: string): string => {
    const authentication = { shop: { jwt: { issuer, jwks: { service: "users" } } } };
    const route = { path: "/users", to, authentication: "shop", rateLimit: { requests } };
    return JSON.stringify(listeners(gatewaySpec({ authentication, routes: [route] })));
  };
  assert.equal(of(1, "shop", "users"), of(2, "other", "people"));
});
