/** A metrics adapter as a program of this machine: the API of custom metrics, for pods whose numbers a test decides. */
import { once } from "node:events";
import * as fs from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { nodeAddress, places } from "../../infra/setup/cluster/places";
import { apply, kubectl } from "../../infra/setup/cluster/testing/kubectl";

const GROUP = "custom.metrics.k8s.io";
const VERSION = "v1beta2";
const METRIC = "http_requests_per_second";
const NAME = "flotilla-test-metrics-adapter";
const API = `/apis/${GROUP}/${VERSION}`;
const OF_PODS = new RegExp(`^${API}/namespaces/([^/]+)/pods/\\*/${METRIC}$`);

export interface MetricsAdapter {
  /** Label selectors that the metric was asked for. */
  readonly selectors: Set<string>;
  stop(): Promise<void>;
}

/** What a pod has of the metric, by the pods' names. */
type Values = (namespace: string) => Promise<Map<string, number>>;

/** Serves the metric, and registers its API in the cluster. */
export async function startMetricsAdapter(values: Values): Promise<MetricsAdapter> {
  const selectors = new Set<string>();
  const secret = (name: string) => fs.readFileSync(path.join(places().secrets, name));
  const tls = { cert: secret("metrics-server.crt"), key: secret("metrics-server.key") };
  const server = createServer(tls, async ({ url }, response) => {
    const { pathname, searchParams } = new URL(url!, "https://adapter");
    const namespace = OF_PODS.exec(decodeURIComponent(pathname))?.[1];
    if (namespace !== undefined) {
      selectors.add(searchParams.get("labelSelector") ?? "");
    }
    const answer =
      namespace === undefined ? discovery[pathname] : valueList(namespace, await values(namespace));
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }).listen(0, nodeAddress);
  await once(server, "listening");
  await apply(...registration((server.address() as AddressInfo).port));
  await kubectl("wait", `apiservice/${VERSION}.${GROUP}`, "--for=condition=Available", "--timeout=60s");
  return {
    selectors,
    async stop() {
      await kubectl("delete", `apiservice/${VERSION}.${GROUP}`, "--ignore-not-found");
      const inSystem = ["--namespace=kube-system", "--ignore-not-found"];
      await kubectl("delete", `service/${NAME}`, `endpointslice/${NAME}`, ...inSystem);
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const discovery: Record<string, object> = {
  [API]: {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: `${GROUP}/${VERSION}`,
    resources: [
      { name: `pods/${METRIC}`, singularName: "", namespaced: true, kind: "MetricValueList", verbs: ["get"] },
    ],
  },
};

function valueList(namespace: string, values: Map<string, number>) {
  const timestamp = new Date().toISOString();
  return {
    kind: "MetricValueList",
    apiVersion: `${GROUP}/${VERSION}`,
    metadata: {},
    items: [...values].map(([name, value]) => ({
      describedObject: { kind: "Pod", namespace, name, apiVersion: "/v1" },
      metric: { name: METRIC },
      timestamp,
      value: String(value),
    })),
  };
}

function registration(port: number): object[] {
  const metadata = { name: NAME, namespace: "kube-system" };
  const labels = { "kubernetes.io/service-name": NAME };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ name: "https", port: 443 }] } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels },
      addressType: "IPv4",
      endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
      ports: [{ name: "https", protocol: "TCP", port }],
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `${VERSION}.${GROUP}` },
      spec: {
        group: GROUP,
        version: VERSION,
        service: { name: NAME, namespace: metadata.namespace },
        // Its certificate is that of the cluster's own metrics server, which has another name.
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ];
}
