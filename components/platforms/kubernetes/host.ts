import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterNeeds } from "./cluster-needs";

/** How strictly the cluster itself checks the pods (Kubernetes' Pod Security Standards). */
export type PodSecurity = "restricted" | "baseline" | "privileged";

/** The strictest first. */
export const POD_SECURITY: PodSecurity[] = ["restricted", "baseline", "privileged"];

/** What all parts of a Kubernetes platform share. */
export interface KubernetesHost {
  /** Name of the namespace that every object lives in; whatever reads it is made after the namespace. */
  readonly namespace: pulumi.Output<string>;
  readonly podSecurity: PodSecurity;
  /** Share of its CPU limit that a container is sure to get, in percent. */
  readonly cpuRequestPercent: number;
  /** Undefined: the cluster's default. */
  readonly storageClass?: string;
  /** What the program needs of the cluster beyond Kubernetes itself; the namespace waits until it is met. */
  readonly cluster: ClusterNeeds;
  /** Name, namespace and labels of an object, and of which workload it is a part. */
  metadata(name: pulumi.Input<string>, workload?: string, more?: MoreMetadata): ObjectMeta;
  /** Short name of a value's content that tells nothing of it, also where it is a secret. */
  digest(value: pulumi.Input<unknown>): pulumi.Output<string>;
  /** Options of a resource of this platform, so that nothing lands on another cluster. */
  options(parent: pulumi.Resource, more?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
  /** The same for what outlives the stack where its data is kept. */
  keptOptions(parent: pulumi.Resource): pulumi.CustomResourceOptions;
}

export type ObjectMeta = input.meta.v1.ObjectMeta;

export type MoreMetadata = {
  labels?: Record<string, pulumi.Input<string>>;
  annotations?: Record<string, pulumi.Input<string>>;
};

/** Labels of everything that belongs to a workload, its tasks' pods too. */
export const NAME_LABEL = "app.kubernetes.io/name";
/** Label of a workload's objects and replicas. */
export const WORKLOAD_LABEL = "flotilla.dev/workload";
/** Label of a one-off task's pod. */
export const TASK_LABEL = "flotilla.dev/task";

/** Makes an engine take an object for ready as soon as it is there. */
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

/** Lets an object that an earlier stack of this name has left be taken over, whatever it says. */
export const TAKE_OVER = { "pulumi.com/patchForce": "true" };

/** Labels of an object of the stack that has this namespace. */
export function labels(namespace: string, workload?: string): Record<string, string> {
  return {
    ...(workload === undefined ? {} : { [NAME_LABEL]: workload, [WORKLOAD_LABEL]: workload }),
    "app.kubernetes.io/managed-by": "flotilla",
    "flotilla.dev/stack": namespace,
  };
}
