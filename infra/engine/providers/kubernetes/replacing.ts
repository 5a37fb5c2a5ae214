/** The fields whose change asks for a new object, as the kubernetes plugin has them. */
import type { Properties } from "../../provider";
import type { Value } from "../../wire/values";
import type { Difference } from "./difference";
import type { ObjectType } from "./types";

/** Whether the program lets data change in place. */
export interface Mutability {
  configMaps: boolean;
  secrets: boolean;
}

const IDENTITY = ["metadata.name", "metadata.namespace"];

const SELECTOR = ["spec.selector"];
const CONTAINER = [
  ...["args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports"],
  ...["readinessProbe", "resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath"],
  ...["terminationMessagePolicy", "tty", "volumeDevices", "volumeMounts", "workingDir"],
].flatMap((field) => [`spec.containers.*.${field}`, `spec.initContainers.*.${field}`]);
const POD = [
  ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks"],
  ...["hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName"],
  ...["nodeSelector", "overhead", "preemptionPolicy", "priority", "priorityClassName", "readinessGates"],
  ...["restartPolicy", "runtimeClassName", "schedulerName", "securityContext", "serviceAccount"],
  ...["serviceAccountName", "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "volumes"],
].map((field) => `spec.${field}`);
const VOLUME = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume"],
  ...["flocker", "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs"],
  ...["photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"],
].map((field) => `spec.${field}`);

const FIELDS: Record<string, string[]> = {
  "apps/v1/DaemonSet": SELECTOR,
  "apps/v1/Deployment": SELECTOR,
  "apps/v1/StatefulSet": [
    ...SELECTOR,
    ...["podManagementPolicy", "revisionHistoryLimit", "serviceName", "volumeClaimTemplates"].map(
      (field) => `spec.${field}`,
    ),
  ],
  "batch/v1/Job": [...SELECTOR, "spec.completions", "spec.parallelism", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolume": VOLUME,
  "v1/PersistentVolumeClaim": [
    ...SELECTOR,
    ...["spec.accessModes", "spec.storageClassName", "spec.volumeName"],
  ],
  "v1/Pod": [...POD, ...CONTAINER],
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Secret": ["type"],
  "v1/Service": ["spec.clusterIP"],
};

export function isReplacing(
  { apiVersion, kind, isPatch }: ObjectType,
  inputs: Properties,
  mutable: Mutability,
): (difference: Difference) => boolean {
  const fields = [...IDENTITY];
  if (!isPatch) {
    const type = `${apiVersion}/${kind}`;
    fields.push(...(FIELDS[type] ?? []));
    const immutable = inputs.immutable === true;
    if (type === "v1/ConfigMap" && (immutable || !mutable.configMaps)) fields.push("data", "binaryData");
    if (type === "v1/Secret" && (immutable || !mutable.secrets)) fields.push("data", "stringData");
  }
  const patterns = fields.map((field) => field.split("."));
  return (difference) => patterns.some((pattern) => touches(difference, pattern));
}

/** Whether the difference lies at or below the field, or above it in a value that has the field. */
function touches({ path, old, next }: Difference, pattern: string[]): boolean {
  const together = Math.min(path.length, pattern.length);
  const alike = (index: number) => pattern[index] === "*" || pattern[index] === String(path[index]);
  for (let index = 0; index < together; index++) if (!alike(index)) return false;
  const rest = pattern.slice(path.length);
  return has(old, rest) || has(next, rest);
}

function has(value: Value, rest: string[]): boolean {
  if (value === undefined || value === null) return false;
  if (rest.length === 0) return true;
  const [key, ...deeper] = rest;
  if (typeof value !== "object") return false;
  if (key === "*") return Object.values(value).some((part) => has(part, deeper));
  return has(value[key], deeper);
}
