/** Where the cluster of this machine keeps its things, and its addresses. */
import * as path from "node:path";
import { cacheFolder } from "../cache.js";

/** Folders and files; what is below `state` and `run` is gone after the cluster has been taken down. */
export function places() {
  const folder = path.join(cacheFolder(), "cluster");
  const state = path.join(folder, "state");
  // Below /run, whose files are gone after a reboot as what they tell of is, and whose paths are short enough for sockets.
  const run = "/run/flotilla-cluster";
  return {
    folder,
    kubeconfig: path.join(folder, "kubeconfig"),
    kubectl: path.join(folder, "kubectl"),
    lock: path.join(folder, "cluster.lock"),
    madeBy: path.join(folder, "made-by"),
    builds: path.join(folder, "builds"),
    state,
    secrets: path.join(state, "secrets"),
    config: path.join(state, "config"),
    logs: path.join(state, "logs"),
    data: path.join(state, "data"),
    run,
    containerd: path.join(run, "containerd.sock"),
  };
}

/** Name of the context in the kubeconfig. */
export const contextName = "flotilla";

export const nodeName = "flotilla";

/** On the loopback device: the same on every network, and out of reach for other machines. */
export const nodeAddress = "10.250.0.1";

export const podNetwork = "10.244.0.0/16";
export const podBridge = "flotilla-pods";
export const serviceNetwork = "10.96.0.0/16";
export const apiServiceAddress = "10.96.0.1";
export const dnsServiceAddress = "10.96.0.10";

/** Parent of the pods' control groups: those of another kubelet are elsewhere. */
export const controlGroup = "flotilla-cluster";

/** Ports that the node's programs listen on. */
export const ports = { api: 6443, kubelet: 10250, dns: 10053, dnsReady: 10054, metrics: 10443, etcd: 23790 };

/** Marks our own rules of the firewall. */
export const firewallComment = "flotilla-cluster";
