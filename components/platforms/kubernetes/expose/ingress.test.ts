import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { problemsOf } from "../../../../tests/problems-of";
import type { RouteSpec } from "../../../platform";
import { type RouteArgs, routeSpec } from "../../../route";
import { checkIngressRoutes, ingressRules } from "./ingress";

const specs = (...routes: RouteArgs[]): RouteSpec[] => routes.map(routeSpec);
const refused = (...routes: RouteArgs[]): string[] =>
  problemsOf((problems) => checkIngressRoutes(problems, specs(...routes)));

/** What of a rule is plain. */
interface Rule {
  host?: string;
  http: { paths: { path: string; pathType: string; backend: { service: { name: string } } }[] };
}

/** Rules with each path as one line. */
function rules(...routes: RouteArgs[]): [host: string | undefined, paths: string[]][] {
  const all = specs(...routes);
  const backends = all.map(({ service }) => ({ service, port: pulumi.output(80) }));
  const made = ingressRules(all, backends) as unknown as Rule[];
  return made.map(({ host, http }) => [
    host,
    http.paths.map(({ path, pathType, backend }) => `${pathType} ${path} ${backend.service.name}`),
  ]);
}

test("every policy beyond host and path is refused, all of them at once; defaults ask for nothing", () => {
  const fix = 'Take it out, or use our own gateway: write expose: "load-balancer".';
  const rule = "cannot be expressed by an Ingress";
  const defaults = { timeoutSeconds: 15, retries: 2, methods: [], headers: {} };
  assert.deepEqual(refused({ path: "/", to: "users", hosts: ["a.example.com"], ...defaults }), []);
  assert.deepEqual(
    refused(
      { path: "/", to: "users" },
      { path: "/a", to: "users", methods: ["GET"], headers: { "x-a": "1" }, rewritePrefix: "/b" },
      { path: "/c", to: "users", timeoutSeconds: 16, retries: 0 },
    ),
    [
      `routes[1].methods ${rule}, got ["GET"]. ${fix}`,
      `routes[1].headers ${rule}, got {"x-a":"1"}. ${fix}`,
      `routes[1].rewritePrefix ${rule}, got "/b". ${fix}`,
      `routes[2].timeoutSeconds ${rule}, got 16. ${fix}`,
      `routes[2].retries ${rule}, got 0. ${fix}`,
    ],
  );
});

test("gRPC and hosts that are addresses are refused", () => {
  assert.deepEqual(
    refused({ path: "/", to: "users", protocol: "grpc", hosts: ["a.example.com", "10.0.0.1"] }),
    [
      'routes[0].hosts[1] must be a name on Kubernetes, not an address, got "10.0.0.1". Write a name, or leave hosts out for any.',
      'routes[0].to must be a service that speaks http, for an Ingress, got "grpc". Let it lead to an http port, or write expose: "load-balancer".',
    ],
  );
});

test("prefixes and exact paths keep their kind", () => {
  assert.deepEqual(rules({ path: "/users", to: "users" }, { exactPath: "/me", to: "me" }), [
    [undefined, ["Prefix /users users", "Exact /me me"]],
  ]);
});

test("a host also has the paths of wider hosts, and its own where both have one", () => {
  assert.deepEqual(
    rules(
      { path: "/", to: "any" },
      { path: "/", hosts: ["a.example.com"], to: "a" },
      { path: "/wild", hosts: ["*.example.com"], to: "wild" },
      { exactPath: "/", hosts: ["*.example.com"], to: "exactly" },
    ),
    [
      [undefined, ["Prefix / any"]],
      ["a.example.com", ["Prefix / a", "Prefix /wild wild", "Exact / exactly"]],
      ["*.example.com", ["Prefix /wild wild", "Exact / exactly", "Prefix / any"]],
    ],
  );
});
