import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewaySpec } from "../../gateway-spec";
import type { GatewaySpec } from "../../platform";
import type { RouteArgs } from "../../route";
import { clusters, targets } from "./clusters";
import { routeTable } from "./routes";

const OVERVIEW: RouteArgs = {
  exactPath: "/overview",
  aggregate: {
    parts: {
      user: { to: "users", path: "/users/me" },
      "all-orders": { to: "orders", port: "admin", path: "/orders?limit=5&since=10%25" },
    },
    maxSizeMiB: 2,
  },
  timeoutSeconds: 5,
};

function specOf(...routes: RouteArgs[]): GatewaySpec {
  return gatewaySpec({ routes });
}

function table(spec: GatewaySpec): Record<string, unknown>[] {
  const [{ virtual_hosts }] = routeTable(spec).resources as [{ virtual_hosts: [{ routes: [] }] }];
  return virtual_hosts[0].routes;
}

test("an aggregated endpoint goes to the agent beside Envoy, with its plan in a header that no client can write", () => {
  const [route, ...others] = table(specOf(OVERVIEW));
  assert.deepEqual(others, []);
  const { request_headers_to_add, ...rest } = route;
  assert.deepEqual(rest, {
    match: {
      path: "/overview",
      headers: [{ name: ":method", string_match: { safe_regex: { regex: "GET|HEAD" } } }],
    },
    route: { cluster: "aggregate on loopback", timeout: "6s" },
  });
  const [{ header, append_action }] = request_headers_to_add as [
    { header: { key: string; value: string }; append_action: string },
  ];
  assert.equal(header.key, "x-flotilla-aggregate");
  assert.equal(append_action, "OVERWRITE_IF_EXISTS_OR_ADD");
  assert.match(header.value, /10%%25/);
  assert.deepEqual(JSON.parse(header.value.replaceAll("%%", "%")), {
    deadlineMs: 5000,
    maxBytes: 2 * 1024 * 1024,
    parts: [
      { name: "user", service: "users", path: "/users/me" },
      { name: "all-orders", service: "orders", port: "admin", path: "/orders?limit=5&since=10%25" },
    ],
  });
});

test("its cluster is there only where it is used, and parts alone need none of their own", () => {
  const names = (spec: GatewaySpec) =>
    (clusters(spec).resources as { name: string }[]).map(({ name }) => name);
  const users: RouteArgs = { path: "/users", to: "users" };
  assert.deepEqual(names(specOf(users)), ["users"]);
  const joined = specOf(users, OVERVIEW);
  assert.deepEqual(names(joined), ["users", "aggregate on loopback"]);
  // The agent writes endpoints for these, and for no others.
  assert.deepEqual([...targets(joined).keys()], ["users"]);
});

test("what is asked of callers holds for it as for any route", () => {
  const jwt = { issuer: "shop", jwks: { service: "users" } };
  const authentication = { shop: { jwt } };
  const of = (...routes: RouteArgs[]) => table(gatewaySpec({ routes, authentication }));
  const guard = { authentication: "shop", authorization: { roles: ["admin"] } };
  const [joined] = of({ ...OVERVIEW, ...guard });
  const [plain] = of({ exactPath: "/overview", to: "users", ...guard });
  assert.ok(joined.typed_per_filter_config !== undefined);
  assert.deepEqual(joined.typed_per_filter_config, plain.typed_per_filter_config);
});
