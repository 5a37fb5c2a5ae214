/** The objects that make DNS, metrics and volumes known to a cluster; what serves them runs beside the kubelet. */
import { dnsServiceAddress, nodeAddress, ports } from "./places";

const system = "kube-system";

/** The objects as one list, for `kubectl apply`. */
export function addons(authority: string) {
  return {
    apiVersion: "v1",
    kind: "List",
    items: [...dns(), ...metrics(authority), ...volumes()],
  };
}

function dns() {
  return [
    ...grant("dns", [
      { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    ...serviceOnNode("kube-dns", { clusterIP: dnsServiceAddress }, [
      { name: "dns", protocol: "UDP", port: 53, targetPort: ports.dns },
      { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: ports.dns },
    ]),
  ];
}

function metrics(authority: string) {
  return [
    ...grant("metrics-server", [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ]),
    binding("metrics-server", { kind: "ClusterRole", name: "system:auth-delegator" }),
    binding("metrics-server", { kind: "Role", name: "extension-apiserver-authentication-reader" }),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: {
        name: "flotilla:metrics-reader",
        labels: Object.fromEntries(
          ["view", "edit", "admin"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"]),
        ),
      },
      rules: [
        { apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
      ],
    },
    ...serviceOnNode("metrics-server", {}, [
      { name: "https", protocol: "TCP", port: 443, targetPort: ports.metrics },
    ]),
    {
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
    },
  ];
}

function volumes() {
  return [
    ...grant("provisioner", [
      {
        apiGroups: [""],
        resources: ["persistentvolumes"],
        verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
      },
      { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "watch", "update"] },
      { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "update", "patch"] },
    ]),
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "local",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "flotilla.dev/local",
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    },
  ];
}

/** A role of its own for the user of a program of ours. */
function grant(name: string, rules: object[]) {
  return [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: `flotilla:${name}` },
      rules,
    },
    binding(name, { kind: "ClusterRole", name: `flotilla:${name}` }),
  ];
}

/** Binds a role to the user of a program of ours. */
function binding(user: string, role: { kind: "ClusterRole" | "Role"; name: string }) {
  const namespace = role.kind === "Role" ? { namespace: system } : {};
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: `${role.kind}Binding`,
    metadata: { name: `flotilla:${user}:${role.name}`, ...namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", ...role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: `flotilla:${user}` }],
  };
}

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
