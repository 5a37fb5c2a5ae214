import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { problemsOf } from "../tests/problems-of";
import { known, Recorder } from "../tests/recorder";
import { checkGateway } from "./check-gateway";
import { Gateway } from "./gateway";
import type { GatewayKindName } from "./gateways";
import { Microservice } from "./microservice";
import { Registry } from "./registry";
import type { RouteArgs } from "./route";

new Recorder();
const IMAGE = "registry.example.com/app:1";
const platform = new FakePlatform();
const registry = new Registry("registry", { platform, kind: "native" });
const users = new Microservice("users", {
  platform,
  image: IMAGE,
  ports: [
    { port: 8080 },
    { port: 9090, name: "admin", protocol: "grpc" },
    { port: 9100, name: "raw", protocol: "tcp" },
  ],
});

function refusedRoutes(...routes: RouteArgs[]): string[] {
  return problemsOf((problems) => checkGateway(problems, { routes }));
}

/** Path matches of the generated route table, in their order, for the host "*". */
function pathsInOrder(routes: RouteArgs[]): unknown[] {
  const name = `order-${pathsInOrder.count++}`;
  const { spec } = new Gateway(name, { platform, registry, routes }).workload!;
  const file = spec.sidecars[0].files.find(({ path }) => path.endsWith("/rds.json"))!;
  const [table] = JSON.parse(file.content as string).resources;
  const matches = table.virtual_hosts[0].routes.map((route: { match: Record<string, unknown> }) => {
    const prefix = route.match.path_separated_prefix ?? route.match.prefix;
    return prefix === undefined ? `exactly ${route.match.path}` : `below ${prefix}`;
  });
  return [...new Set(matches)];
}
pathsInOrder.count = 0;

test("every kind of good route is accepted", () => {
  assert.deepEqual(
    refusedRoutes(
      { path: "/", to: "users" },
      { path: "/users", to: users, rewritePrefix: "/", timeoutSeconds: 3600, retries: 10 },
      { exactPath: "/users/", to: users, port: "admin", methods: ["GET", "DELETE"], timeoutSeconds: 1 },
      {
        path: "/a",
        hosts: ["example.com", "*.example.com", "localhost", "10.0.0.1"],
        to: "users",
        retries: 0,
      },
      { path: "/b", to: "users", port: "admin", protocol: "grpc", headers: { "x-version": "2" } },
    ),
    [],
  );
});

test("everything that is wrong with a gateway is told at once", () => {
  const args = {
    kind: "nginx" as GatewayKindName,
    port: 15000,
    replicas: 101,
    cpuMillicores: 1,
    memoryMiB: 63,
    routes: [],
  };
  assert.throws(
    () => new Gateway("Edge", { platform, registry, ...args }),
    (error) => {
      assert(pulumi.RunError.isInstance(error));
      assert.deepEqual(error.message.replaceAll('Gateway "Edge": ', "").split("\n"), [
        'name must be lower-case letters, digits and dashes, starting with a letter, got "Edge". Write "edge".',
        'routes must not be empty, got []. Write [{ path: "/", to: "users" }].',
        'kind must be one of envoy, got "nginx". Write "envoy".',
        "port must not be one of the agent's ports (15000 to 15099), got 15000. Write 8080.",
        "replicas must be a whole number from 1 to 100 replicas, got 101. Write 100.",
        "cpuMillicores must be a whole number from 10 to 128000 millicores, got 1. Write 10.",
        "memoryMiB must be a whole number from 64 to 1048576 MiB, got 63. Write 64.",
      ]);
      return true;
    },
  );
});

test("a route has a path of one spelling", () => {
  const either = "routes[0].path or exactPath must be given, and not both";
  const fix = 'Write path: "/users".';
  assert.deepEqual(refusedRoutes({ to: "users" }), [`${either}, got []. ${fix}`]);
  assert.deepEqual(refusedRoutes({ path: "/a", exactPath: "/b", to: "users" }), [
    `${either}, got ["path","exactPath"]. ${fix}`,
  ]);
  assert.deepEqual(
    refusedRoutes(
      { path: "users", to: "users" },
      { path: "/users/", to: "users" },
      { path: "/users?a=1", to: "users" },
      { exactPath: "users#a", to: "users" },
      { path: "/users", rewritePrefix: "v2", to: "users" },
      { exactPath: "/users", rewritePrefix: "/v2", to: "users" },
      { path: "/people", rewritePrefix: "/v2/", to: "users" },
    ),
    [
      'routes[0].path must start with "/", got "users". Write "/users".',
      'routes[1].path must not end with "/", got "/users/". Write "/users".',
      'routes[2].path must be a path without query, got "/users?a=1". Write "/users".',
      'routes[3].exactPath must start with "/", got "users#a". Write "/users#a".',
      'routes[4].rewritePrefix must start with "/", got "v2". Write "/v2".',
      'routes[5].rewritePrefix goes with path only, got "/v2". Write path instead of exactPath.',
      'routes[6].rewritePrefix must not end with "/", got "/v2/". Write "/v2".',
    ],
  );
});

test("methods, hosts, time-outs and tries have their forms", () => {
  const route = {
    path: "/users",
    to: "users",
    methods: ["get", "FETCH"],
    hosts: ["https://Example.com:8080/a", "*", "exa mple"],
    timeoutSeconds: 0,
    retries: 11,
  };
  const host = "must be a host name without scheme, port or path";
  assert.deepEqual(refusedRoutes(route), [
    'routes[0].methods[0] must be an HTTP method in capitals, got "get". Write "GET".',
    'routes[0].methods[1] must be an HTTP method in capitals, got "FETCH". Write one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
    `routes[0].hosts[0] ${host}, got "https://Example.com:8080/a". Write "example.com".`,
    `routes[0].hosts[1] ${host}, got "*". Write one like "shop.example.com", or leave hosts out for any.`,
    `routes[0].hosts[2] ${host}, got "exa mple". Write one like "shop.example.com", or leave hosts out for any.`,
    "routes[0].timeoutSeconds must be a whole number from 1 to 3600 seconds, got 0. Write 1.",
    "routes[0].retries must be a whole number from 0 to 10, got 11. Write 10.",
  ]);
});

test("two routes for the same requests are refused, whatever the order of their parts", () => {
  const headers = { "x-a": "1", "x-b": "2" };
  const route = { path: "/a", hosts: ["a.org", "b.org"], methods: ["GET", "PUT"], headers, to: users };
  const turned = { hosts: ["b.org", "a.org"], methods: ["PUT", "GET"], headers: { "X-B": "2", "x-a": "1" } };
  const others = [{ hosts: [] }, { methods: ["POST"] }, { headers: {} }, { path: "/b" }];
  assert.deepEqual(refusedRoutes(route, ...others.map((other) => ({ ...route, ...other }))), []);
  assert.deepEqual(refusedRoutes(route, { ...route, path: undefined, exactPath: "/a" }), []);
  assert.deepEqual(refusedRoutes(route, { ...route, ...turned, to: "orders" }), [
    'routes[1] must not repeat an earlier one, got "GET PUT a.org b.org /a and below x-a: 1 x-b: 2". Take one of the two out.',
  ]);
});

test("a route for which an earlier one leaves no request is refused", () => {
  const route = { path: "/a", methods: ["GET", "PUT"], to: users };
  const part = { ...route, methods: ["PUT"] };
  assert.deepEqual(refusedRoutes(route, part), [
    'routes[1].methods must not all be among those of routes[0], which comes first, got ["PUT"]. Put it before routes[0], or take it out.',
  ]);
  assert.deepEqual(refusedRoutes(part, route, { path: "/a", to: users }), []);
});

test("a route leads to a port that the service has and that speaks HTTP", () => {
  const silent = new Microservice("silent", { platform, image: IMAGE });
  assert.deepEqual(
    refusedRoutes(
      { path: "/a", to: users, port: "debug" },
      { path: "/b", to: users, port: "raw" },
      { path: "/c", to: silent },
    ),
    [
      'routes[0].port must name a port of users, got "debug". Known are http, admin, raw.',
      'routes[1].to must be a service that speaks http or grpc, got "users". Give that port of users protocol "http" or "grpc", or take the route out.',
      'routes[2].to must be a service with ports, got "silent". Give silent a port.',
    ],
  );
});

test("a gateway runs Envoy beside the agent, is exposed, and is connected to each service", async () => {
  const routes = [
    { path: "/users", to: users },
    { path: "/admin", to: users, port: "admin" },
    { path: "/orders", to: "orders" },
  ];
  const gateway = new Gateway("edge", { platform, registry, routes });
  const { spec } = gateway.workload!;
  assert.equal(await known(gateway.url), "http://edge.test:8080");
  assert.deepEqual(platform.pulls.at(-1), {
    name: "edge-envoy",
    reference: "catalogue/envoy:1",
    credentials: undefined,
  });
  assert.deepEqual(spec.startAfter, [registry]);
  assert.deepEqual([spec.replicas, spec.main.resources], [1, { cpuMillicores: 1000, memoryMiB: 256 }]);
  assert.deepEqual(
    spec.sidecars.map(({ name, order }) => [name, order]),
    [
      ["agent-envoy", "before"],
      ["agent-register", "after"],
    ],
  );
  const services = spec.sidecars[0].files.find(({ path }) => path.endsWith("/services.json"))!;
  assert.deepEqual(JSON.parse(services.content as string), ["orders", "users", "users:admin"]);
  assert(spec.sidecars[0].files.every(({ live, secret }) => live && !secret));
  assert.deepEqual(
    platform.connections.filter(({ from }) => from === "edge"),
    [
      { from: "edge", to: "users", port: undefined },
      { from: "edge", to: "users", port: "admin" },
      { from: "edge", to: "orders", port: undefined },
    ],
  );
  assert.deepEqual(platform.exposures.at(-1), {
    name: "edge",
    exposure: {
      service: "edge",
      discovery: registry.discovery,
      listeners: [{ port: 8080, to: "http", protocol: "http" }],
    },
  });
});

test("port, replicas and sizes are handed on", () => {
  const sizes = { replicas: 3, cpuMillicores: 2500, memoryMiB: 512 };
  const args = { platform, registry, port: 80, routes: [{ path: "/", to: users }], ...sizes };
  const { spec } = new Gateway("sized", args).workload!;
  assert.equal(spec.replicas, 3);
  assert.deepEqual(spec.main.resources, { cpuMillicores: 2500, memoryMiB: 512 });
  const command = spec.main.command!;
  assert.equal(command[command.indexOf("--concurrency") + 1], "3", "a worker for each core or part of one");
  assert.equal(platform.exposures.at(-1)?.exposure.listeners[0].port, 80);
});

test("what only a gateway of ours has is refused where the platform's own one routes", () => {
  class Routing extends FakePlatform {
    readonly router = { route: () => ({ url: pulumi.output("http://own.example.com") }) };
  }
  const own = new Routing();
  const routes = [{ path: "/", to: "users", metadata: { version: "2" } }];
  const rule = "is for a gateway of Flotilla's, and this platform's own one routes";
  const fix = "Take it out, or use a gateway of Flotilla's.";
  const args = { kind: "envoy", replicas: 2, cpuMillicores: 500, memoryMiB: 128 } as const;
  assert.throws(
    () => new Gateway("own", { platform: own, registry, routes, ...args }),
    ({ message }: Error) => {
      const lines = [
        `kind ${rule}, got "envoy". ${fix}`,
        `replicas ${rule}, got 2. ${fix}`,
        `cpuMillicores ${rule}, got 500. ${fix}`,
        `memoryMiB ${rule}, got 128. ${fix}`,
        "routes[0].metadata cannot be kept by this platform's own gateway, which knows services but no metadata, " +
          `got {"version":"2"}. ${fix}`,
      ];
      assert.deepEqual(
        message.split("\n").map((line) => line.trim()),
        lines.map((line) => `Gateway "own": ${line}`),
      );
      return true;
    },
  );
});

test("the most specific route comes first, whatever the order in which they were written", () => {
  const routes: RouteArgs[] = [
    { path: "/", to: users },
    { path: "/users", to: users },
    { exactPath: "/users/me", to: users },
    { path: "/users/admins", to: users },
    { exactPath: "/", to: users },
  ];
  const expected = ["exactly /users/me", "exactly /", "below /users/admins", "below /users", "below /"];
  assert.deepEqual(pathsInOrder(routes), expected);
  assert.deepEqual(pathsInOrder([...routes].reverse()), expected);
});

test("the agent that joins parts runs beside a gateway that needs it, which may connect to the parts", () => {
  const aggregate = {
    parts: { user: { to: users, path: "/me" }, admin: { to: "users", port: "status", path: "/" } },
  };
  const routes: RouteArgs[] = [{ exactPath: "/overview", aggregate }];
  const { spec } = new Gateway("joining", { platform, registry, routes }).workload!;
  const agent = spec.sidecars.find(({ name }) => name === "agent-aggregate")!;
  assert.equal(agent.order, "before");
  assert.deepEqual(agent.command, [
    "aggregate",
    ...["--listen", "127.0.0.1:15096", "--ready-listen", "127.0.0.1:15095"],
    ...["--registry", "native"],
  ]);
  const connections = platform.connections.filter(({ from }) => from === "joining");
  assert.deepEqual(connections, [
    { from: "joining", to: "users", port: undefined },
    { from: "joining", to: "users", port: "status" },
  ]);
  const alone = new Gateway("alone", { platform, registry, routes: [{ path: "/", to: users }] }).workload!;
  const names = alone.spec.sidecars.map(({ name }) => name);
  assert.deepEqual(names, ["agent-envoy", "agent-register"]);
});

test("a part comes from a port that speaks http", () => {
  const parts = {
    raw: { to: users, port: "raw", path: "/" },
    admin: { to: users, port: "admin", path: "/" },
  };
  const rule = (name: string) =>
    `routes[0].aggregate.parts.${name}.to must be a service that speaks http, got "users". Give that port of users protocol "http", or take the route out.`;
  assert.deepEqual(refusedRoutes({ path: "/a", aggregate: { parts } }), [rule("raw"), rule("admin")]);
});
