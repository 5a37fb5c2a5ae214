import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet";
import type { Job } from "@pulumi/kubernetes/batch/v1/job";
import type { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim";
import type { Service } from "@pulumi/kubernetes/core/v1/service";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, FileBundle } from "../../container-spec";
import type { Workload, WorkloadSpec } from "../../platform";
import { type WrittenFiles, writeFiles } from "./files";
import { type KubernetesHost, WORKLOAD_LABEL } from "./host";
import { jobs } from "./jobs";
import { type PodSetup, replicaPatienceSeconds, replicaPod } from "./pod";
import { ReplicaCount } from "./replica-count";
import { instancesService, service } from "./services";
import { claims, claimTemplates, persistent } from "./volumes";

export interface KubernetesWorkloadArgs {
  host: KubernetesHost;
  spec: WorkloadSpec;
  /** Files that several workloads share. */
  bundle(bundle: FileBundle): WrittenFiles;
  /** Secrets with which its images are pulled. */
  pullSecrets: pulumi.Input<string>[];
  /** What admits it to the services that it calls, once all of them are known. */
  admissions: Promise<pulumi.Resource[]>;
}

/** A workload on Kubernetes, as the objects that it is made of. */
export class KubernetesWorkload extends pulumi.ComponentResource implements Workload {
  readonly address: pulumi.Output<string>;
  readonly spec: WorkloadSpec;
  readonly serviceAccount: ServiceAccount;
  /** Runs the replicas of a service without persistent volumes. */
  readonly deployment?: Deployment;
  /** Runs the replicas of a service with persistent volumes, which follow them. */
  readonly statefulSet?: StatefulSet;
  /** One address for all replicas; undefined where there are no ports. */
  readonly service?: Service;
  /** A name for the addresses of all replicas, also of those that are not ready; undefined for a task. */
  readonly instances?: Service;
  readonly disruptionBudget?: PodDisruptionBudget;
  /** The persistent volumes of the replicas. */
  readonly claims: PersistentVolumeClaim[] = [];
  /** One for each task, or for the workload itself where it is one. */
  readonly jobs: Job[];
  private readonly replicas: ReplicaCount;

  constructor(
    readonly name: string,
    args: KubernetesWorkloadArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("flotilla:index:KubernetesWorkload", name, {}, opts);
    const { host, spec, pullSecrets, admissions } = args;
    this.spec = spec;
    this.address = pulumi.output(name);
    this.replicas = new ReplicaCount(name, spec.replicas);
    this.serviceAccount = new ServiceAccount(
      name,
      {
        metadata: host.metadata(name, name),
        automountServiceAccountToken: spec.platformCredentials ?? false,
        imagePullSecrets:
          pullSecrets.length === 0 ? undefined : pullSecrets.map((secret) => ({ name: secret })),
      },
      host.options(this),
    );
    const containers = [...spec.init, spec.main, ...spec.sidecars, ...spec.tasks];
    const files = new Map(containers.map((container) => [container.name, this.files(container, args)]));
    const objects = [...files.values()].flatMap((written) => written.objects);
    const pods: PodSetup = {
      cpuRequestPercent: host.cpuRequestPercent,
      files,
      serviceAccount: name,
      apiCredentials: spec.platformCredentials ?? false,
    };
    const needed = [...spec.startAfter, ...objects, this.serviceAccount];
    const admitted = admissions.then((policies) => [...needed, ...policies]);
    this.jobs = jobs(host, this, pods, admitted);
    if (spec.lifetime === "service") {
      const selector = { [WORKLOAD_LABEL]: name };
      this.service = service(host, this, selector);
      this.instances = instancesService(host, this, selector);
      this.disruptionBudget = new PodDisruptionBudget(
        name,
        {
          metadata: host.metadata(name, name),
          spec: {
            maxUnavailable: 1,
            selector: { matchLabels: selector },
            unhealthyPodEvictionPolicy: "AlwaysAllow",
          },
        },
        host.options(this),
      );
      if (persistent(spec.volumes).length === 0) {
        this.deployment = this.createDeployment(host, pods, [...needed, ...this.jobs]);
      } else {
        const count = typeof spec.replicas === "number" ? spec.replicas : Math.max(1, spec.replicas.min);
        this.claims = claims(host, name, spec.volumes, count, this);
        this.statefulSet = this.createStatefulSet(host, pods, [...needed, ...this.jobs, ...this.claims]);
      }
    }
    this.registerOutputs({ address: this.address });
  }

  /** @throws RunError when a policy may not own the number of replicas any more. */
  leaveReplicasTo(policy: string): void {
    this.replicas.leaveTo(policy);
  }

  private createDeployment(host: KubernetesHost, pods: PodSetup, needed: pulumi.Resource[]): Deployment {
    const rolling = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    return new Deployment(
      this.name,
      {
        metadata: host.metadata(this.name, this.name),
        spec: {
          ...this.controller(host, pods, ["pod-template-hash"]),
          strategy: this.spec.rollout === "rolling" ? rolling : { type: "Recreate" },
          minReadySeconds: this.spec.settleSeconds,
          progressDeadlineSeconds: replicaPatienceSeconds(this.spec),
        },
      },
      host.options(this, { dependsOn: needed }),
    );
  }

  private createStatefulSet(host: KubernetesHost, pods: PodSetup, needed: pulumi.Resource[]): StatefulSet {
    return new StatefulSet(
      this.name,
      {
        metadata: host.metadata(this.name, this.name),
        spec: {
          ...this.controller(host, pods, []),
          serviceName: `${this.name}-instances`,
          podManagementPolicy: "Parallel",
          updateStrategy: { type: "RollingUpdate" },
          volumeClaimTemplates: claimTemplates(host, this.spec.volumes),
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        },
      },
      host.options(this, { dependsOn: needed }),
    );
  }

  /** What both kinds of controllers have; `revision` are labels that tell one template's replicas from another's. */
  private controller(host: KubernetesHost, pods: PodSetup, revision: string[]) {
    const labelSelector = { matchLabels: { [WORKLOAD_LABEL]: this.name } };
    const { labels } = host.metadata(this.name, this.name);
    return {
      replicas: this.replicas.value as pulumi.Input<number>,
      revisionHistoryLimit: 2,
      selector: labelSelector,
      template: {
        metadata: { labels },
        spec: {
          ...replicaPod(this.spec, pods),
          topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(
            (topologyKey) => ({
              topologyKey,
              maxSkew: 1,
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector,
              matchLabelKeys: revision.length === 0 ? undefined : revision,
            }),
          ),
        },
      },
    };
  }

  private files(container: ContainerSpec, { host, bundle }: KubernetesWorkloadArgs): WrittenFiles {
    const owner = {
      owner: `${this.name}-${container.name}`,
      volume: `flotilla-${container.name}`,
      workload: this.name,
    };
    const all = [writeFiles(host, owner, container.files, this), ...container.bundles.map(bundle)];
    return {
      volumes: all.flatMap(({ volumes }) => volumes),
      mounts: all.flatMap(({ mounts }) => mounts),
      objects: all.flatMap(({ objects }) => objects),
    };
  }
}
