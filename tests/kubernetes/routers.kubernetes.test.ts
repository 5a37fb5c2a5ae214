/** A controller that is not ours serves our routes, by Ingress and by the Gateway API. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { unlessMissing } from "../../infra/engine/providers/kubernetes/errors";
import { clusterOf } from "../../infra/kubernetes-settings";
import { until } from "../end-to-end/client";
import { type ApiObject, KubernetesDriver } from "../end-to-end/kubernetes-driver";
import { ask } from "./ask";
import { gatewayApiDefinitions } from "./module-files";
import { startTraefik, type Traefik } from "./traefik";

const PORT = 18190;
const CLASS = "flotilla-test";
const GATEWAY_API = "/apis/gateway.networking.k8s.io/v1";
const settings = { httpPort: PORT, registryKind: "native" };
const byIngress = new KubernetesDriver("by-ingress", {
  ...settings,
  expose: { kind: "ingress", ingressClass: CLASS },
});
const byGateway = new KubernetesDriver("by-gateway", { ...settings, expose: "gateway-api" });
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
  const classes = () => unlessMissing(api.request(`${GATEWAY_API}/gatewayclasses`));
  await until(60, classes, (answer) => answer !== undefined);
  const gatewayController = { controllerName: "traefik.io/gateway-controller" };
  await make(`${GATEWAY_API}/gatewayclasses`, {
    apiVersion: GATEWAY_API.slice("/apis/".length),
    kind: "GatewayClass",
    metadata: { name: CLASS },
    spec: gatewayController,
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

/** What both kinds serve: the most specific route wins. */
async function servesByHostAndPath(): Promise<void> {
  await until(
    60,
    () => ask(PORT, "/any"),
    ({ service }) => service === "people",
  );
  assert.deepEqual(await ask(PORT, "/orders/1"), told("orders", "/orders/1"));
  assert.deepEqual(await ask(PORT, "/orders/mine"), told("people", "/orders/mine"));
  assert.deepEqual(await ask(PORT, "/ordersfile"), told("people", "/ordersfile"));
  assert.deepEqual(await ask(PORT, "/", { headers: hosted }), told("orders", "/"));
  assert.deepEqual(await ask(PORT, "/orders", { method: "POST" }), told("orders", "/orders", "POST"));
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
  await t.test("it routes by host and path, by methods, headers and rewritten paths", async () => {
    await goesUp(byGateway, "tests/kubernetes/routed-by-more.ts");
    await servesByHostAndPath();
    assert.deepEqual(await ask(PORT, "/orders", { method: "DELETE" }), told("people", "/orders", "DELETE"));
    const version = { "x-version": "2" };
    assert.deepEqual(await ask(PORT, "/people", { headers: version }), {
      ...told("orders", "/people"),
      version: "2",
    });
    assert.deepEqual(await ask(PORT, "/people"), told("people", "/people"));
    assert.deepEqual(await ask(PORT, "/moved/1?a=b"), told("orders", "/orders/1?a=b"));
  });

  await t.test("a second up changes nothing, and down leaves nothing", async () => {
    assert.match((await byGateway.up()).output, /\b0 changes\b/);
    await goesDown(byGateway);
  });
});
