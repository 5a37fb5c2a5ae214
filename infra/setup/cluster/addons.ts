/** The objects that make DNS, metrics and volumes known to a cluster; what serves them runs beside the kubelet. */
import { dnsServiceAddress, nodeAddress, ports } from "./places";

const system = "kube-system";

/** The objects as one list, for `kubectl apply`. */
export function addons(authority: string) {
  return {
    apiVersion: "v1",
    kind: "List",
    items: [...dns(), ...metrics(authority), storageClass],
  };
}

function dns() {
  return serviceOnNode("kube-dns", { clusterIP: dnsServiceAddress }, [
    { name: "dns", protocol: "UDP", port: 53, targetPort: ports.dns },
    { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: ports.dns },
  ]);
}

function metrics(authority: string) {
  const service = serviceOnNode("metrics-server", {}, [
    { name: "https", protocol: "TCP", port: 443, targetPort: ports.metrics },
  ]);
  const registration = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1beta1.metrics.k8s.io" },
    spec: {
      group: "metrics.k8s.io",
      version: "v1beta1",
      service: { name: "metrics-server", namespace: system },
      caBundle: Buffer.from(authority).toString("base64"),
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  };
  return [...service, registration];
}

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: {
    name: "local",
    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
  },
  provisioner: "flotilla.dev/local",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

interface Port {
  name: string;
  protocol: "TCP" | "UDP";
  port: number;
  targetPort: number;
}

/** A Service of a program that is no pod. */
function serviceOnNode(name: string, spec: object, servicePorts: Port[]) {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: system },
      spec: { ...spec, ports: servicePorts },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace: system, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
      ports: servicePorts.map(({ name: portName, protocol, targetPort }) => ({
        name: portName,
        protocol,
        port: targetPort,
      })),
    },
  ];
}
