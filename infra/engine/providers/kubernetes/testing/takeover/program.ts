/** One object of each kind that a stack commonly has, some of them written as the server would not write them. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const {
  KUBECONFIG_PATH: kubeconfig,
  CONTEXT: context,
  NAMESPACE: name = "",
  IMAGE: image = "",
} = process.env;

const provider = new kubernetes.Provider("cluster", { kubeconfig, context, enableConfigMapMutable: true });
const namespace = new kubernetes.core.v1.Namespace("namespace", { metadata: { name } }, { provider });
const inNamespace = { namespace: namespace.metadata.name };
const options: pulumi.CustomResourceOptions = { provider };

const configMap = new kubernetes.core.v1.ConfigMap(
  "settings",
  { metadata: inNamespace, data: { greeting: process.env.VALUE ?? "hello" } },
  options,
);
const secret = new kubernetes.core.v1.Secret(
  "password",
  { metadata: { ...inNamespace, name: "password" }, stringData: { password: pulumi.secret("swordfish-9") } },
  options,
);
const account = new kubernetes.core.v1.ServiceAccount(
  "account",
  { metadata: { ...inNamespace, name: "web" }, automountServiceAccountToken: false },
  options,
);
const labels = { app: "web" };
const template = {
  metadata: { labels },
  spec: {
    serviceAccountName: account.metadata.name,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "main",
        image,
        command: ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"],
        env: [
          { name: "TOKEN", value: pulumi.secret("a-secret-value") },
          {
            name: "GREETING",
            valueFrom: { configMapKeyRef: { name: configMap.metadata.name, key: "greeting" } },
          },
          { name: "PASSWORD", valueFrom: { secretKeyRef: { name: secret.metadata.name, key: "password" } } },
        ],
        ports: [{ containerPort: 8080 }],
        // The server writes them as 500m, 100m, 1Gi and 16Mi.
        resources: { limits: { cpu: "0.5", memory: "1024Mi" }, requests: { cpu: "0.1", memory: "16Mi" } },
      },
    ],
  },
};
new kubernetes.apps.v1.Deployment(
  "web",
  {
    metadata: { ...inNamespace, name: "web" },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  },
  options,
);
new kubernetes.core.v1.Service(
  "web",
  {
    metadata: { ...inNamespace, name: "web" },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  },
  options,
);
new kubernetes.core.v1.Service(
  "instances",
  { metadata: { ...inNamespace, name: "instances" }, spec: { clusterIP: "None", selector: labels } },
  options,
);
new kubernetes.apps.v1.StatefulSet(
  "store",
  {
    metadata: { ...inNamespace, name: "store" },
    spec: {
      replicas: 0,
      serviceName: "instances",
      selector: { matchLabels: { app: "store" } },
      template: { metadata: { labels: { app: "store" } }, spec: { containers: [{ name: "main", image }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        },
      ],
    },
  },
  options,
);
new kubernetes.batch.v1.Job(
  "once",
  {
    metadata: { ...inNamespace, name: "once" },
    spec: {
      template: {
        spec: { restartPolicy: "Never", containers: [{ name: "main", image, command: ["/bin/true"] }] },
      },
    },
  },
  options,
);
new kubernetes.policy.v1.PodDisruptionBudget(
  "web",
  {
    metadata: { ...inNamespace, name: "web" },
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: labels } },
  },
  options,
);
new kubernetes.networking.v1.NetworkPolicy(
  "nobody",
  {
    metadata: { ...inNamespace, name: "nobody" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [] },
  },
  options,
);
new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
  "store",
  {
    metadata: { ...inNamespace, name: "store" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "store" },
      minReplicas: 1,
      maxReplicas: 2,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
    },
  },
  options,
);
const role = new kubernetes.rbac.v1.Role(
  "reader",
  {
    metadata: { ...inNamespace, name: "reader" },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
  },
  options,
);
new kubernetes.rbac.v1.RoleBinding(
  "reader",
  {
    metadata: { ...inNamespace, name: "reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
    subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: namespace.metadata.name }],
  },
  options,
);
const group = `${name}.example.com`;
const definition = new kubernetes.apiextensions.v1.CustomResourceDefinition(
  "things",
  {
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "things", kind: "Thing" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
        },
      ],
    },
  },
  options,
);
new kubernetes.apiextensions.CustomResource(
  "thing",
  {
    apiVersion: `${group}/v1`,
    kind: "Thing",
    metadata: { ...inNamespace, name: "thing" },
    spec: { size: 3 },
  },
  { provider, dependsOn: definition },
);
new kubernetes.core.v1.ServiceAccountPatch(
  "account",
  { metadata: { ...inNamespace, name: account.metadata.name, labels: { patched: "yes" } } },
  options,
);
const found = kubernetes.core.v1.Service.get("api", "default/kubernetes", options);

export const settings = configMap.metadata.name;
export const apiPort = found.spec.ports[0].port;
