/** A controller that is not ours serves our routes, by Ingress and by the Gateway API. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { unlessMissing } from "../../infra/engine/providers/kubernetes/errors";
import { clusterOf } from "../../infra/kubernetes-settings";
import { until } from "../end-to-end/client";
import { type ApiObject, KubernetesDriver } from "../end-to-end/kubernetes-driver";
import { ask, call, type Told } from "./ask";
import { gatewayApiDefinitions } from "./module-files";
import { startTraefik, type Traefik } from "./traefik";

const PORT = 18190;
const CLASS = "flotilla-test";
const GATEWAY_API = "gateway.networking.k8s.io/v1";
const settings = { httpPort: PORT, registryKind: "native" };
const byIngress = new KubernetesDriver("by-ingress", {
  ...settings,
  expose: { kind: "ingress", ingressClass: CLASS },
});
const byGateway = new KubernetesDriver("by-gateway", {
  ...settings,
  expose: { kind: "gateway-api", gatewayClass: CLASS },
});
const { api } = byIngress;

/** What the test makes in the cluster beside the stacks, to be taken away again. */
const made: string[] = [];
let traefik: Traefik;

async function make(path: string, body: ApiObject): Promise<void> {
  const at = `${path}/${body.metadata.name}`;
  if ((await unlessMissing(api.request(at))) === undefined) {
    await api.request(path, { method: "POST", body });
    made.push(at);
  }
}

before(async () => {
  for (const file of await gatewayApiDefinitions()) {
    await make("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", parse(file));
  }
  const classes = `/apis/${GATEWAY_API}/gatewayclasses`;
  await until(
    60,
    () => unlessMissing(api.request(classes)),
    (answer) => answer !== undefined,
  );
  await make(classes, {
    apiVersion: GATEWAY_API,
    kind: "GatewayClass",
    metadata: { name: CLASS },
    spec: { controllerName: "traefik.io/gateway-controller" },
  });
  const ingressController = { controller: "traefik.io/ingress-controller" };
  const ingressClass = { metadata: { name: CLASS }, spec: ingressController };
  await make("/apis/networking.k8s.io/v1/ingressclasses", ingressClass);
  traefik = await startTraefik(clusterOf({ cluster: "local" }).kubeconfig!, {
    "entrypoints.web.address": `127.0.0.1:${PORT}`,
    "providers.kubernetesingress": "true",
    "providers.kubernetesingress.ingressclass": CLASS,
    // Without it, Traefik takes a prefix for a part of a word, against Kubernetes' own rule.
    "providers.kubernetesingress.strictprefixmatching": "true",
    "providers.kubernetesingress.ingressendpoint.ip": "127.0.0.1",
    "providers.kubernetesgateway": "true",
    "providers.kubernetesgateway.statusaddress.ip": "127.0.0.1",
  });
});

after(async () => {
  await byIngress.down();
  await byGateway.down();
  await traefik?.stop();
  for (const path of made.reverse()) {
    await api.request(path, { method: "DELETE" });
  }
});

const hosted = { host: "orders.example.com" };
const told = (service: string, url: string, method = "GET") => ({ service, method, url });

/** The controller hears of routes and replicas one by one and takes them up in its own time: this is what it comes to. */
async function answers(url: string, wanted: Told, options: Parameters<typeof ask>[2] = {}): Promise<void> {
  const isWanted = (answer: Told) => isDeepStrictEqual(answer, wanted);
  await until(60, () => ask(PORT, url, options), isWanted);
}

/**
 * The exact path lies beneath "/" alone: beneath a longer prefix it wins by an Ingress' rules too, but Traefik
 * ranks an Ingress' paths by the length of the rules that it makes of them, and a prefix makes the longer rule.
 */
async function servesByHostAndPath(): Promise<void> {
  await answers("/any", told("people", "/any"));
  await answers("/orders/1", told("orders", "/orders/1"));
  await answers("/order-book", told("orders", "/order-book"));
  await answers("/order-book/1", told("people", "/order-book/1"));
  await answers("/ordersfile", told("people", "/ordersfile"));
  await answers("/", told("orders", "/"), { headers: hosted });
  await answers("/orders", told("orders", "/orders", "POST"), { method: "POST" });
}

async function goesUp(stack: KubernetesDriver, architecture: string): Promise<void> {
  stack.architecture = architecture;
  const { exitCode, output } = await stack.up();
  assert.equal(exitCode, 0, `${output}\n${traefik.log()}`);
  assert.match(
    output,
    new RegExp(`url +http://127\\.0\\.0\\.1:${PORT}`),
    "the address is the controller's own",
  );
  assert.deepEqual(await stack.pods("edge"), [], "no gateway of ours runs");
}

async function goesDown(stack: KubernetesDriver): Promise<void> {
  const { exitCode, output } = await stack.down();
  assert.equal(exitCode, 0, output);
  assert.deepEqual(await stack.leftovers(), []);
}

test("Traefik serves the routes by Ingress", { timeout: 15 * 60_000 }, async (t) => {
  await t.test("what an Ingress cannot express is refused, and no Ingress is made", async () => {
    byIngress.architecture = "tests/kubernetes/routed-by-more.ts";
    const { exitCode, output } = await byIngress.up();
    assert.equal(exitCode, 1, output);
    for (const field of ["routes[4].methods", "routes[5].headers", "routes[6].rewritePrefix"]) {
      assert.ok(output.includes(`Gateway "edge": ${field} cannot be expressed by an Ingress`), output);
    }
    assert.deepEqual(await byIngress.list("apis/networking.k8s.io/v1", "ingresses"), []);
  });

  await t.test("it routes by host and path", async () => {
    await goesUp(byIngress, "tests/kubernetes/routed.ts");
    await servesByHostAndPath();
  });

  await t.test("a second up changes nothing, and down leaves nothing", async () => {
    assert.match((await byIngress.up()).output, /\b0 changes\b/);
    await goesDown(byIngress);
  });
});

test("Traefik serves the routes by the Gateway API", { timeout: 15 * 60_000 }, async (t) => {
  await t.test("what the controller says that it cannot do is refused, and no Gateway is made", async () => {
    const accepted = ({ status }: ApiObject) => (status?.supportedFeatures ?? []).length > 0;
    await until(60, () => api.request(`/apis/${GATEWAY_API}/gatewayclasses/${CLASS}`), accepted);
    byGateway.architecture = "tests/kubernetes/routed-by-time.ts";
    const { exitCode, output } = await byGateway.up();
    assert.equal(exitCode, 1, output);
    const refusal = 'Gateway "edge": routes[4].timeoutSeconds needs HTTPRouteRequestTimeout';
    assert.ok(output.includes(refusal), output);
    assert.deepEqual(await byGateway.list(`apis/${GATEWAY_API}`, "gateways"), []);
  });

  await t.test("it routes by host and path, by methods, headers and rewritten paths", async () => {
    await goesUp(byGateway, "tests/kubernetes/routed-by-more.ts");
    await servesByHostAndPath();
    await answers("/orders/mine", told("people", "/orders/mine"));
    await answers("/orders", told("people", "/orders", "DELETE"), { method: "DELETE" });
    const people = { ...told("orders", "/people"), version: "2" };
    await answers("/people", people, { headers: { "x-version": "2" } });
    await answers("/people", told("people", "/people"));
    await answers("/moved/1?a=b", told("orders", "/orders/1?a=b"));
  });

  await t.test("a second up changes nothing", async () => {
    assert.match((await byGateway.up()).output, /\b0 changes\b/);
  });

  await t.test("it routes gRPC by its host, and takes back the routes that are gone", async () => {
    await goesUp(byGateway, "tests/kubernetes/routed-by-grpc.ts");
    const quotes = () => call(PORT, "grpc.example.com", "/shop.Quotes/Get");
    await until(60, quotes, (answer) => answer === "/shop.Quotes/Get");
    await answers("/orders/1", told("orders", "/orders/1"), { headers: hosted });
    await answers("/orders/1", {});
    const kinds = ["httproutes", "grpcroutes"];
    const left = await Promise.all(kinds.map((kind) => byGateway.list(`apis/${GATEWAY_API}`, kind)));
    assert.deepEqual(
      left.map((routes) => routes.length),
      [1, 1],
    );
  });

  await t.test("down leaves nothing", async () => {
    await goesDown(byGateway);
  });
});
