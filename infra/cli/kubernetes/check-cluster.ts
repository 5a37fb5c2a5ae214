/** What of a cluster matters. */
import type { Api } from "../../engine/providers/kubernetes/api";
import type { Finding } from "../doctor/finding";
import type { ApiObject } from "./pods";

const leastMinor = 30;
const defaultClass = "storageclass.kubernetes.io/is-default-class";

export async function checkCluster(api: Pick<Api, "request" | "access">): Promise<Finding[]> {
  const { gitVersion, minor } = await api.request("/version");
  const told = `Kubernetes ${gitVersion} by ${api.access.source}`;
  const isOld = Number.parseInt(minor, 10) < leastMinor;
  return [
    isOld ? { level: "problem", told, fix: `Use one of 1.${leastMinor} or newer.` } : { level: "fine", told },
    await checkStorage(api),
    await checkMetrics(api),
  ];
}

async function checkStorage(api: Pick<Api, "request">): Promise<Finding> {
  const { items } = await api.request("/apis/storage.k8s.io/v1/storageclasses");
  const names = items
    .filter(({ metadata }: ApiObject) => metadata.annotations?.[defaultClass] === "true")
    .map(({ metadata }: ApiObject) => metadata.name);
  return names.length > 0
    ? { level: "fine", told: `Persistent volumes are of the storage class ${names[0]}` }
    : {
        ...{ level: "warning", told: "The cluster has no default storage class" },
        fix: "Set flotilla:settings.storageClass, where services have persistent volumes.",
      };
}

async function checkMetrics(api: Pick<Api, "request">): Promise<Finding> {
  try {
    await api.request("/apis/metrics.k8s.io/v1beta1");
    return { level: "fine", told: "The cluster serves metrics, for autoscaling by CPU and memory" };
  } catch {
    const told = "The cluster serves no metrics: nothing scales by CPU or memory";
    return { level: "warning", told, fix: "Install metrics-server." };
  }
}
