import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { fakeHost, fakeWorkload } from "../../../../tests/fake-kubernetes";
import { failuresOf, known, Recorder, settled } from "../../../../tests/recorder";
import type { PortSpec } from "../../../container-spec";
import { gatewaySpec } from "../../../gateway-spec";
import type { Exposed } from "../../../platform";
import type { RouteArgs } from "../../../route";
import { type ExposeArgs, makeDoor } from ".";

const recorder = new Recorder();
const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
const GATEWAY_API = "gateway.networking.k8s.io/v1";
const SERVICE = "kubernetes:core/v1:Service";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const INGRESS = "kubernetes:networking.k8s.io/v1:Ingress";
const GATEWAY = `kubernetes:${GATEWAY_API}:Gateway`;
const PORTS: PortSpec[] = [
  { name: "http", port: 8080, protocol: "http", scheme: "http" },
  { name: "admin", port: 9090, protocol: "http", scheme: "http" },
];
const OWN = { metadata: { name: "own" } };

// biome-ignore lint/suspicious/noExplicitAny: what is recorded is open JSON
type Json = any;

const inputs = (type: string, name: string): Json => recorder.one(type, name).inputs;
const portsOf = (workload: string): PortSpec[] | undefined => (workload === "nobody" ? undefined : PORTS);

async function expose(name: string, args: ExposeArgs, port: number): Promise<string> {
  const exposure = {
    service: name,
    discovery: { arguments: [], bundles: [] },
    listeners: [{ port, to: "http", protocol: "http" as const }],
  };
  const { url } = makeDoor(fakeHost([]), args, portsOf).expose(
    name,
    fakeWorkload(name, PORTS),
    exposure,
    parent,
  );
  const told = await known(url);
  await settled();
  return told;
}

function routed(name: string, args: ExposeArgs, routes: RouteArgs[], classes = [OWN]): Exposed {
  const { router } = makeDoor(fakeHost([GATEWAY_API], classes), args, portsOf);
  return router!.route(name, gatewaySpec({ routes }), 8000, parent);
}

test("a load balancer has the listener's port, tells its address, and anyone may connect", async () => {
  const status = { loadBalancer: { ingress: [{ hostname: "lb.example.com", ip: "1.2.3.4" }] } };
  recorder.compute(SERVICE, "edge-public", { status });
  assert.equal(await expose("edge", "load-balancer", 80), "http://lb.example.com");
  const { metadata, spec } = inputs(SERVICE, "edge-public");
  assert.deepEqual(spec, {
    type: "LoadBalancer",
    selector: { "flotilla.dev/workload": "edge" },
    externalTrafficPolicy: "Cluster",
    ports: [{ name: "http", port: 80, targetPort: 8080 }],
  });
  assert.deepEqual(metadata.annotations, {}, "its address is waited for");
  assert.deepEqual(inputs(POLICY, "edge-public").spec.ingress, [
    { ports: [{ protocol: "TCP", port: 8080 }] },
  ]);
});

test("a port of the nodes is the listener's where nodes have such ports, else one of the cluster's choice", async () => {
  recorder.compute(SERVICE, "far-public", { spec: { ports: [{ nodePort: 31234 }] } });
  assert.equal(await expose("near", "node-port", 30080), "http://127.0.0.1:30080");
  assert.equal(
    await expose("far", { kind: "node-port", address: "10.0.0.1" }, 8080),
    "http://10.0.0.1:31234",
  );
  const [near, far] = ["near-public", "far-public"].map((name) => inputs(SERVICE, name));
  assert.deepEqual(near.spec.ports, [{ name: "http", port: 30080, targetPort: 8080, nodePort: 30080 }]);
  assert.deepEqual(far.spec.ports, [{ name: "http", port: 8080, targetPort: 8080 }]);
  assert.deepEqual(near.metadata.annotations, { "pulumi.com/skipAwait": "true" });
});

test("the cluster's own gateway joins no answers", () => {
  const aggregate = { parts: { user: { to: "users", path: "/me" } } };
  for (const kind of ["ingress", "gateway-api"] as const) {
    const args = { kind, ingressClass: "own", gatewayClass: "own", controllerNamespace: "edge" } as const;
    assert.throws(
      () => routed(`joined-${kind}`, args as never, [{ exactPath: "/overview", aggregate }]),
      /routes\[0\]\.aggregate cannot be expressed by .*, got .*\. Take it out, or use our own gateway/,
    );
  }
});

test("an Ingress leads to the services, which admit the controller's namespace", async () => {
  const args = {
    kind: "ingress",
    ingressClass: "own",
    address: "shop.test",
    controllerNamespace: "edge",
  } as const;
  const routes = [
    { path: "/users", to: "users" },
    { path: "/admin", to: "users", port: "admin" },
    { path: "/people", to: "users" },
  ];
  const { url } = routed("in", args, routes);
  assert.equal(await known(url), "http://shop.test:8000");
  await settled();
  const { spec, metadata } = inputs(INGRESS, "in");
  assert.equal(spec.ingressClassName, "own");
  assert.deepEqual(
    spec.rules[0].http.paths.map(({ path, backend }: Json) => [path, backend.service]),
    [
      ["/users", { name: "users", port: { number: 8080 } }],
      ["/admin", { name: "users", port: { number: 9090 } }],
      ["/people", { name: "users", port: { number: 8080 } }],
    ],
  );
  assert.deepEqual(metadata.annotations, { "pulumi.com/skipAwait": "true" }, "the address is known already");
  const policies = recorder.all(POLICY).filter(({ name }) => name.startsWith("in-"));
  assert.deepEqual(
    policies.map(({ name }) => name),
    ["in-routes-to-users", "in-routes-to-users-admin"],
  );
  const matchLabels = { "kubernetes.io/metadata.name": "edge" };
  assert.deepEqual((policies[1].inputs as Json).spec.ingress, [
    {
      from: [{ namespaceSelector: { matchLabels } }],
      ports: [9090, 15000].map((port) => ({ protocol: "TCP", port })),
    },
  ]);
});

test("an Ingress without an address tells the controller's", async () => {
  recorder.compute(INGRESS, "told", { status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } });
  const { url } = routed("told", "ingress", [{ path: "/", to: "users" }]);
  assert.equal(await known(url), "http://1.2.3.4:8000");
  await settled();
  const { spec, metadata } = inputs(INGRESS, "told");
  assert.equal(spec.ingressClassName, undefined, "the cluster's default class");
  assert.deepEqual(metadata.annotations, {});
  const [{ from }] = inputs(POLICY, "told-routes-to-users").spec.ingress;
  assert.deepEqual(from, [{ namespaceSelector: {} }], "any namespace may be the controller's");
});

test("a Gateway of the only class has one route object for each route, named by what it matches", async () => {
  recorder.compute(GATEWAY, "api", { status: { addresses: [{ value: "1.2.3.4" }] } });
  const routes = [
    { path: "/users", to: "users" },
    { path: "/", to: "users", protocol: "grpc" as const, hosts: ["grpc.example.com"] },
  ];
  const { url } = routed("api", "gateway-api", [{ ...routes[0], hosts: ["a.example.com"] }, routes[1]]);
  assert.equal(await known(url), "http://1.2.3.4:8000");
  await settled();
  const { spec, metadata } = inputs(GATEWAY, "api");
  assert.deepEqual(spec, {
    gatewayClassName: "own",
    listeners: [{ name: "http", port: 8000, protocol: "HTTP" }],
  });
  assert.deepEqual(metadata.annotations, { "pulumi.com/waitFor": "jsonpath={.status.addresses}" });
  const objects = recorder.resources.filter(({ name }) => /^api-[0-9a-f]{8}$/.test(name));
  assert.deepEqual(
    objects.map(({ type, inputs: { spec } }) => [type, (spec as Json).rules[0].backendRefs]).sort(),
    ["GRPCRoute", "HTTPRoute"].map((kind) => [
      `kubernetes:${GATEWAY_API}:${kind}`,
      [{ name: "users", port: 8080 }],
    ]),
  );
});

test("a route keeps its object when its service changes, not when its match does", async () => {
  const address = { kind: "gateway-api", gatewayClass: "own", address: "shop.test" } as const;
  const named = async (name: string, route: RouteArgs): Promise<string> => {
    await known(routed(name, address, [route]).url);
    await settled();
    return recorder.resources.find((resource) => resource.name.startsWith(`${name}-`))!.name.slice(-8);
  };
  const first = await named("first", { path: "/users", to: "users" });
  assert.equal(await named("second", { path: "/users", to: "people", timeoutSeconds: 60 }), first);
  assert.notEqual(await named("third", { path: "/users", to: "users", methods: ["GET"] }), first);
});

test("what the cluster lacks for the Gateway API is refused before anything is made there", async () => {
  const made = recorder.resources.length;
  const routes = [{ path: "/", to: "users", methods: ["GET"] }];
  const refused = (args: ExposeArgs, served: string[], classes: Json[]): Promise<string[]> =>
    failuresOf(() =>
      makeDoor(fakeHost(served, classes), args, portsOf).router!.route(
        "no",
        gatewaySpec({ routes }),
        80,
        parent,
      ),
    );
  const one =
    'Gateway "no": gatewayClass must name a GatewayClass of the cluster where it has not exactly one';
  const poor = { ...OWN, status: { supportedFeatures: [{ name: "HTTPRoute" }] } };
  const cases: [ExposeArgs, string[], Json[], string][] = [
    [
      "gateway-api",
      ["apps/v1"],
      [],
      'Gateway "no": expose needs a cluster that serves gateway.networking.k8s.io/v1, got "gateway-api". Install the Gateway API there, or write expose: "load-balancer".',
    ],
    [
      "gateway-api",
      [GATEWAY_API],
      [],
      `${one}, got nothing. The cluster has none: install a controller of the Gateway API there.`,
    ],
    [
      "gateway-api",
      [GATEWAY_API],
      [OWN, { metadata: { name: "other" } }],
      `${one}, got nothing. Known are own, other.`,
    ],
    [
      { kind: "gateway-api", gatewayClass: "mine" },
      [GATEWAY_API],
      [OWN],
      `${one}, got "mine". Known are own.`,
    ],
    [
      "gateway-api",
      [GATEWAY_API],
      [poor],
      'Gateway "no": routes[0].methods needs HTTPRouteMethodMatching, which the cluster\'s controller does not support, got ["GET"]. Take it out, or use our own gateway: write expose: "load-balancer".',
    ],
  ];
  for (const [args, served, classes, message] of cases) {
    assert.deepEqual(await refused(args, served, classes), [message]);
  }
  const kinds = recorder.resources.slice(made).map(({ type }) => type);
  assert.deepEqual(
    kinds.filter((type) => type.startsWith("kubernetes:")),
    [],
  );
});

test("a route to a service or a port that never comes is refused", async () => {
  const fix = "Write the name of a microservice of this platform, and of one of its ports.";
  const args = { kind: "ingress", address: "shop.test" } as const;
  const failures = (name: string, route: RouteArgs): Promise<string[]> =>
    failuresOf(() => routed(name, args, [{ path: "/", to: "users" }, route]));
  assert.deepEqual(await failures("gone", { path: "/a", to: "nobody" }), [
    `Gateway "gone": routes[1].to must be a service with that port, got "nobody". ${fix}`,
  ]);
  assert.deepEqual(await failures("less", { path: "/a", to: "users", port: "debug" }), [
    `Gateway "less": routes[1].to must be a service with that port, got "users:debug". ${fix}`,
  ]);
});
