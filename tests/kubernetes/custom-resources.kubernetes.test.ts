/** What an API server says of our autoscaling and exposure: nothing runs, so a control plane of its own will do. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { PortSpec } from "../../components/container-spec";
import { gatewaySpec } from "../../components/gateway-spec";
import type { ScalingSpec } from "../../components/platform";
import { autoscale } from "../../components/platforms/kubernetes/autoscale";
import { ClusterNeeds } from "../../components/platforms/kubernetes/cluster-needs";
import { makeDoor } from "../../components/platforms/kubernetes/expose";
import type { KubernetesHost } from "../../components/platforms/kubernetes/host";
import type { RouteArgs } from "../../components/route";
import { Api } from "../../infra/engine/providers/kubernetes/api";
import { clusterAccess } from "../../infra/engine/providers/kubernetes/kubeconfig";
import { type ControlPlane, startControlPlane } from "../../infra/setup/cluster/control-plane";
import { contextName } from "../../infra/setup/cluster/places";
import { until } from "../end-to-end/client";
import { fakeHost, fakeWorkload } from "../fake-kubernetes";
import { failuresOf, Recorder, revealed, settled } from "../recorder";
import { gatewayApiDefinitions, kedaDefinitions } from "./module-files";

// biome-ignore lint/suspicious/noExplicitAny: what the API server takes and sends is open JSON
type Json = any;

const recorder = new Recorder();
const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
const PORTS: PortSpec[] = [{ name: "http", port: 8080, protocol: "http", scheme: "http" }];
const SCALING: ScalingSpec = {
  min: 0,
  max: 5,
  cpuPercent: 60,
  memoryPercent: 70,
  queue: {
    kind: "redis",
    service: "redis",
    port: 6379,
    name: "orders",
    backlogPerReplica: 10,
    password: "p",
  },
  schedules: [{ start: "0 8 * * 1-5", end: "0 18 * * 1-5", timezone: "Europe/Zurich", min: 3 }],
  scaleInCooldownSeconds: 3600,
  scaleOutCooldownSeconds: 0,
};
const HOSTS = ["a.example.com"];
const LONG = { path: "/users", to: "users", hosts: HOSTS, timeoutSeconds: 3600 };
const ROUTES: RouteArgs[] = [
  { ...LONG, methods: ["GET", "POST"], headers: { "x-version": "2" } },
  { path: "/people", to: "users", rewritePrefix: "/", hosts: ["*.example.org", ...HOSTS] },
  { exactPath: "/me", to: "users", hosts: HOSTS },
  { path: "/shop.Payments", to: "users", protocol: "grpc", hosts: ["grpc.example.com"] },
];

let plane: ControlPlane;
let api: Api;

before(async () => {
  plane = await startControlPlane({ fakeNodes: 1 });
  api = new Api(clusterAccess({ kubeconfig: plane.kubeconfig, context: contextName }));
  await api.request("/api/v1/namespaces", { method: "POST", body: { metadata: { name: "shop" } } });
});

after(() => plane.stop());

/** A host on the real control plane. */
function host(): KubernetesHost {
  const cluster = new ClusterNeeds(plane.kubeconfig, contextName);
  const namespace = cluster.met.apply(() => "shop");
  return { ...fakeHost([]), namespace, cluster, metadata: (name) => ({ name, namespace }) };
}

/** Has the API server check, strictly and against the kind's own definition, all that was recorded since. */
async function accepted(since: number): Promise<string[]> {
  await settled();
  const objects = recorder.resources.slice(since).filter(({ type }) => type.startsWith("kubernetes:"));
  const names = objects.map(async ({ inputs }) => {
    const { status: _, ...object } = inputs as Json;
    const data = revealed(object.stringData);
    const body = data === undefined ? object : { ...object, stringData: data };
    const query = { dryRun: "All", fieldValidation: "Strict", fieldManager: "test", force: true };
    const url = `${await pathOf(body)}/${body.metadata.name}`;
    await api.request(url, { method: "PATCH", query, body, contentType: "application/apply-patch+yaml" });
    return body.kind as string;
  });
  return (await Promise.all(names)).sort();
}

async function pathOf({ apiVersion, kind, metadata }: Json): Promise<string> {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { resources } = await api.request(root);
  const { name } = resources.find((resource: Json) => resource.kind === kind && !resource.name.includes("/"));
  return `${root}/namespaces/${metadata.namespace}/${name}`;
}

async function define(files: string[], apiVersion: string, kind: string): Promise<void> {
  for (const file of files) {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await api.request(path, { method: "POST", body: parse(file) });
  }
  const served = async (): Promise<Json[]> => {
    const { groups } = await api.request("/apis");
    const known = groups.some(({ versions }: Json) =>
      versions.some(({ groupVersion }: Json) => groupVersion === apiVersion),
    );
    return known ? (await api.request(`/apis/${apiVersion}`)).resources : [];
  };
  await until(60, served, (resources) => resources.some((resource) => resource.kind === kind));
}

const scale = () => autoscale(host(), "worker", SCALING, fakeWorkload("worker"), parent);
const route = () =>
  makeDoor(host(), "gateway-api", () => PORTS).router!.route(
    "edge",
    gatewaySpec({ routes: ROUTES }),
    80,
    parent,
  );

test("the cluster's own autoscaler takes ours, with the shortest and the longest cooldowns", async () => {
  const since = recorder.resources.length;
  const { queue: _, ...load } = SCALING;
  for (const [name, seconds] of Object.entries({ short: 0, long: 1800 })) {
    const cooldowns = { scaleInCooldownSeconds: seconds * 2, scaleOutCooldownSeconds: seconds };
    const scaling = { ...load, ...cooldowns, min: 1, schedules: [] };
    autoscale(host(), name, scaling, fakeWorkload(name), parent);
  }
  assert.deepEqual(await accepted(since), ["HorizontalPodAutoscaler", "HorizontalPodAutoscaler"]);
});

test("a policy that needs KEDA is refused without it, and taken with it", async () => {
  assert.deepEqual(await failuresOf(() => void scale()), [
    'AutoscalingPolicy "worker": queue, schedules and a minimum of 0 need KEDA, but the cluster serves no keda.sh/v1alpha1. Install KEDA there, or take them out.',
  ]);
  await define(await kedaDefinitions(), "keda.sh/v1alpha1", "ScaledObject");
  const since = recorder.resources.length;
  scale();
  assert.deepEqual(await accepted(since), [
    "NetworkPolicy",
    "ScaledObject",
    "Secret",
    "TriggerAuthentication",
  ]);
});

test("the Gateway API is refused without it or without a class, and takes our routes", async () => {
  const refused = () => failuresOf(() => void route());
  assert.deepEqual(await refused(), [
    'Gateway "edge": expose needs a cluster that serves gateway.networking.k8s.io/v1, got "gateway-api". Install the Gateway API there, or write expose: "load-balancer".',
  ]);
  const version = "gateway.networking.k8s.io/v1";
  await define(await gatewayApiDefinitions(), version, "HTTPRoute");
  assert.deepEqual(await refused(), [
    'Gateway "edge": gatewayClass must name a GatewayClass of the cluster where it has not exactly one, got nothing. The cluster has none: install a controller of the Gateway API there.',
  ]);
  const body = {
    apiVersion: version,
    kind: "GatewayClass",
    metadata: { name: "own" },
    spec: { controllerName: "example.com/own" },
  };
  await api.request(`/apis/${version}/gatewayclasses`, { method: "POST", body });
  const since = recorder.resources.length;
  route();
  const routes = ["GRPCRoute", "Gateway", "HTTPRoute", "HTTPRoute", "HTTPRoute"];
  assert.deepEqual(await accepted(since), [...routes, "NetworkPolicy"]);
});

test("an Ingress and both kinds of Services are taken", async () => {
  const since = recorder.resources.length;
  const plain = [ROUTES[2], { path: "/", to: "users", hosts: ["*.example.com", "a.example.com"] }];
  const { router } = makeDoor(host(), { kind: "ingress", ingressClass: "own" }, () => PORTS);
  router!.route("in", gatewaySpec({ routes: plain }), 80, parent);
  for (const [name, expose] of [
    ["lb", "load-balancer"],
    ["np", "node-port"],
  ] as const) {
    const exposure = {
      service: name,
      discovery: { arguments: [], bundles: [] },
      listeners: [{ port: 30099, to: "http", protocol: "http" as const }],
    };
    recorder.compute("kubernetes:core/v1:Service", `${name}-public`, { status: {} });
    makeDoor(host(), expose, () => PORTS).expose(name, fakeWorkload(name, PORTS), exposure, parent);
  }
  const policies = ["NetworkPolicy", "NetworkPolicy", "NetworkPolicy"];
  assert.deepEqual(await accepted(since), ["Ingress", ...policies, "Service", "Service"]);
});
