import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../../../../tests/problems-of";
import { type RouteArgs, routeSpec } from "../../../route";
import { checkFeatures, checkGatewayApiRoutes, gatewayApiRoute } from "./gateway-api-routes";

const PORT = pulumi.output(8080);

const refused = (...routes: RouteArgs[]): string[] =>
  problemsOf((problems) => checkGatewayApiRoutes(problems, routes.map(routeSpec)));

/** The kind and the one rule of a route, without where it leads. */
function rule(route: RouteArgs): [kind: string, rule: Record<string, unknown>] {
  const spec = routeSpec(route);
  const made = gatewayApiRoute("edge", spec, { service: spec.service, port: PORT });
  const [{ backendRefs, ...own }] = made.spec.rules;
  assert.deepEqual(backendRefs, [{ name: spec.service, port: PORT }]);
  return [made.kind as string, own];
}

test("a route is attached to its gateway, for its hosts", () => {
  const { kind, spec } = gatewayApiRoute(
    "edge",
    routeSpec({ path: "/users", hosts: ["a.example.com", "*.example.org"], to: "users" }),
    { service: "users", port: PORT },
  );
  assert.deepEqual([kind, spec.parentRefs], ["HTTPRoute", [{ name: "edge" }]]);
  assert.deepEqual(spec.hostnames, ["a.example.com", "*.example.org"]);
  const any = gatewayApiRoute("edge", routeSpec({ path: "/", to: "users" }), {
    service: "users",
    port: PORT,
  });
  assert.equal("hostnames" in any.spec, false);
});

test("path, methods, headers, rewrite and time-out have their words; defaults say nothing", () => {
  assert.deepEqual(rule({ path: "/users", to: "users", timeoutSeconds: 15, retries: 2 }), [
    "HTTPRoute",
    { matches: [{ path: { type: "PathPrefix", value: "/users" } }] },
  ]);
  const path = { type: "Exact", value: "/me" };
  const headers = [{ type: "Exact", name: "x-version", value: "2" }];
  const exact = { exactPath: "/me", to: "users", methods: ["GET", "PUT"], headers: { "x-version": "2" } };
  assert.deepEqual(rule({ ...exact, timeoutSeconds: 60 }), [
    "HTTPRoute",
    { matches: ["GET", "PUT"].map((method) => ({ path, headers, method })), timeouts: { request: "60s" } },
  ]);
  assert.deepEqual(rule({ path: "/people", to: "users", rewritePrefix: "/" })[1].filters, [
    { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
  ]);
});

test("gRPC goes by service and method", () => {
  const grpc = { to: "payments", protocol: "grpc" as const };
  const headers = [{ type: "Exact", name: "x-a", value: "1" }];
  assert.deepEqual(
    [
      rule({ ...grpc, path: "/" }),
      rule({ ...grpc, path: "/shop.Payments" }),
      rule({ ...grpc, exactPath: "/shop.Payments/Pay", headers: { "x-a": "1" } }),
    ],
    [
      ["GRPCRoute", {}],
      ["GRPCRoute", { matches: [{ method: { type: "Exact", service: "shop.Payments" } }] }],
      [
        "GRPCRoute",
        { matches: [{ method: { type: "Exact", service: "shop.Payments", method: "Pay" }, headers }] },
      ],
    ],
  );
});

test("retries are no part of the standard channel", () => {
  assert.deepEqual(refused({ path: "/", to: "users", retries: 0 }), [
    'routes[0].retries cannot be expressed by the Gateway API, got 0. Take it out, or use our own gateway: write expose: "load-balancer".',
  ]);
});

test("a GRPCRoute has no methods, rewrites or time-outs, and hosts of its own", () => {
  const grpc = { to: "payments", protocol: "grpc" as const, hosts: ["grpc.example.com"] };
  const fix = 'Take it out, or use our own gateway: write expose: "load-balancer".';
  assert.deepEqual(
    refused({ ...grpc, path: "/a.B" }, { path: "/", hosts: ["a.example.com"], to: "users" }),
    [],
  );
  assert.deepEqual(
    refused({ ...grpc, path: "/a.B", methods: ["POST"], rewritePrefix: "/c.D", timeoutSeconds: 1 }),
    [
      `routes[0].methods cannot be expressed by a GRPCRoute, got ["POST"]. ${fix}`,
      `routes[0].rewritePrefix cannot be expressed by a GRPCRoute, got "/c.D". ${fix}`,
      `routes[0].timeoutSeconds cannot be expressed by a GRPCRoute, got 1. ${fix}`,
    ],
  );
  const form = "must be a gRPC service or method, for the Gateway API";
  const paths = 'Write path: "/", "/package.Service" or "/package.Service/Method".';
  assert.deepEqual(refused({ ...grpc, path: "/a/b/c" }, { ...grpc, exactPath: "/a.B" }), [
    `routes[0].path ${form}, got "/a/b/c". ${paths}`,
    `routes[1].exactPath ${form}, got "/a.B". ${paths}`,
  ]);
  const apart = "must differ from those of all http routes, as the Gateway API keeps gRPC apart by host";
  assert.deepEqual(refused({ ...grpc, path: "/" }, { path: "/", hosts: ["*.example.com"], to: "users" }), [
    `routes[0].hosts ${apart}, got ["grpc.example.com"]. Write hosts like ["grpc.example.com"], and others for the http routes.`,
  ]);
  assert.deepEqual(refused({ path: "/users", to: "users" }, { ...grpc, path: "/", hosts: [] }), [
    `routes[1].hosts ${apart}, got []. Write hosts like ["grpc.example.com"], and others for the http routes.`,
  ]);
});

test("two routes between which the Gateway API would choose otherwise are refused", () => {
  const users = { path: "/users", to: "users" };
  const headers = { "x-a": "1" };
  const accepted: [RouteArgs, RouteArgs][] = [
    [users, { ...users, methods: ["GET"] }],
    [users, { ...users, headers }],
    [
      { ...users, methods: ["GET"] },
      { ...users, methods: ["PUT"] },
    ],
    [
      { ...users, headers },
      { ...users, headers: { "x-a": "2" } },
    ],
    [
      { ...users, hosts: ["a.example.com"] },
      { ...users, hosts: ["b.example.com"] },
    ],
    [
      { ...users, methods: ["GET"] },
      { ...users, methods: ["GET"], headers },
    ],
  ];
  for (const [first, second] of accepted) {
    assert.deepEqual(refused(first, second), [], JSON.stringify([first, second]));
  }
  const tie = (at: number): string =>
    `routes[${at}] takes requests that routes[0] takes too, and the Gateway API would choose in another order, got "/users". Give the two different paths, or methods that differ.`;
  assert.deepEqual(refused({ ...users, methods: ["GET", "PUT"] }, { ...users, methods: ["PUT", "POST"] }), [
    tie(1),
  ]);
  assert.deepEqual(refused({ ...users, headers }, { ...users, methods: ["GET"] }), [tie(1)]);
});

test("what a controller says that it cannot do is refused; one that says nothing is believed", () => {
  const routes = [
    { path: "/a", to: "users", methods: ["GET"], rewritePrefix: "/b", timeoutSeconds: 60 },
    { path: "/", to: "payments", protocol: "grpc" as const },
  ].map(routeSpec);
  const features = (supported: string[]) =>
    problemsOf((problems) => checkFeatures(problems, routes, supported)).map((line) => line.split(". ")[0]);
  const all = ["GRPCRoute", "HTTPRouteMethodMatching", "HTTPRoutePathRewrite", "HTTPRouteRequestTimeout"];
  const lacks = (feature: string) => `needs ${feature}, which the cluster's controller does not support`;
  assert.deepEqual([features([]), features(all)], [[], []]);
  assert.deepEqual(features(["HTTPRoute"]), [
    `routes[0].methods ${lacks("HTTPRouteMethodMatching")}, got ["GET"]`,
    `routes[0].rewritePrefix ${lacks("HTTPRoutePathRewrite")}, got "/b"`,
    `routes[0].timeoutSeconds ${lacks("HTTPRouteRequestTimeout")}, got 60`,
    `routes[1].to ${lacks("GRPCRoute")}, got "payments"`,
  ]);
});
