import type { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import type { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet";
import type { Job } from "@pulumi/kubernetes/batch/v1/job";
import type { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim";
import type { Service } from "@pulumi/kubernetes/core/v1/service";
import type { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount";
import type { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import * as pulumi from "@pulumi/pulumi";
import type { Workload, WorkloadSpec } from "../../platform";
import type { KubernetesHost } from "./host";
import { ReplicaCount } from "./replica-count";

export interface KubernetesWorkloadArgs {
  host: KubernetesHost;
  spec: WorkloadSpec;
}

/** A workload on Kubernetes, as the objects that it is made of. */
export class KubernetesWorkload extends pulumi.ComponentResource implements Workload {
  readonly address: pulumi.Output<string>;
  readonly spec: WorkloadSpec;
  readonly serviceAccount!: ServiceAccount;
  /** Runs the replicas of a service without persistent volumes. */
  readonly deployment?: Deployment;
  /** Runs the replicas of a service with persistent volumes, which follow them. */
  readonly statefulSet?: StatefulSet;
  /** One address for all replicas; undefined where there are no ports. */
  readonly service?: Service;
  /** A name for the addresses of all replicas, also of those that are not ready. */
  readonly instances?: Service;
  readonly disruptionBudget?: PodDisruptionBudget;
  /** The persistent volumes of the replicas. */
  readonly claims: PersistentVolumeClaim[] = [];
  /** One for each task, or for the workload itself where it is one. */
  readonly jobs: Job[] = [];
  private readonly replicas: ReplicaCount;

  constructor(
    readonly name: string,
    { spec }: KubernetesWorkloadArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("flotilla:index:KubernetesWorkload", name, {}, opts);
    this.spec = spec;
    this.address = pulumi.output(name);
    this.replicas = new ReplicaCount(name, spec.replicas);
    this.registerOutputs({ address: this.address });
  }

  /** @throws RunError when a policy may not own the number of replicas any more. */
  leaveReplicasTo(policy: string): void {
    this.replicas.leaveTo(policy);
  }
}
