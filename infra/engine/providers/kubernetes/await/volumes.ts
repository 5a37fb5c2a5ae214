import { type Awaiter, READY, waiting } from "./awaiter";

const STORAGE_CLASS = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" };

/** Bound; or pending, when its storage class binds with the first pod. */
export const claimAwaiter: Awaiter = {
  async facts(cluster, { spec }, signal) {
    const name = spec.storageClassName;
    return (name && (await cluster.get({ ...STORAGE_CLASS, name }, signal))) || {};
  },
  judge({ live, facts }) {
    const phase = live.status?.phase ?? "Pending";
    const bindsLater = facts.volumeBindingMode === "WaitForFirstConsumer";
    if (phase === "Bound" || (bindsLater && phase === "Pending")) return READY;
    return waiting(`is ${phase.toLowerCase()}, and not bound to a volume`);
  },
};

/** Free to be claimed, or claimed. */
export const volumeAwaiter: Awaiter = {
  judge({ live }) {
    const phase = live.status?.phase ?? "Pending";
    return ["Available", "Bound"].includes(phase) ? READY : waiting(`is ${phase.toLowerCase()}`);
  },
};
