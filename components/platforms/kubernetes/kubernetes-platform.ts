import * as pulumi from "@pulumi/pulumi";
import { checkName } from "../../fields";
import { type ImageName, imageReference } from "../../images";
import type {
  Autoscaler,
  Discovery,
  Exposed,
  Exposure,
  ImageBuild,
  ImageCredentials,
  Platform,
  Router,
  ScalingSpec,
  WorkloadSpec,
} from "../../platform";
import { Problems } from "../../problems";
import { stackPrefix } from "../shared/stack-prefix";
import { autoscale } from "./autoscale";
import { type Door, type ExposeArgs, makeDoor } from "./expose";
import type { KubernetesHost, PodSecurity } from "./host";
import type { ImagesArgs } from "./image-delivery";
import { Edges } from "./network-policies";
import { KubernetesWorkload } from "./workload";

export interface KubernetesPlatformArgs {
  /** How the cluster's nodes get the images that are built here. */
  images: ImagesArgs;
  /** Path or content of a kubeconfig. @default - the machine's own, with `context` */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. @default - the current one of `kubeconfig` */
  context?: pulumi.Input<string>;
  /** How clients outside the cluster reach gateways. @default "load-balancer" */
  expose?: ExposeArgs;
  /** What the cluster itself refuses of a pod. @default "restricted" */
  podSecurity?: PodSecurity;
  /** Share of its CPU limit that a container is sure to get, 1 to 100 percent. @default 10 */
  cpuRequestPercent?: number;
  /** Storage class of persistent volumes. @default - the cluster's default */
  storageClass?: string;
  /** References of catalogued images other than the catalogue's own. @default {} */
  references?: Partial<Record<ImageName, string>>;
}

/**
 * Runs workloads on a Kubernetes cluster (1.30 or later), in a namespace of their own.
 *
 * @example
 * const platform = new KubernetesPlatform("shop", {
 *   context: "staging",
 *   images: { push: "registry.example.com/shop" },
 * });
 */
export class KubernetesPlatform extends pulumi.ComponentResource implements Platform<KubernetesWorkload> {
  readonly namespace: string;
  /** A workload's headless service resolves to all of its replicas. */
  readonly names: Discovery = {
    arguments: ["--registry", "native", "--registry-name", "{service}-instances"],
    bundles: [],
  };
  readonly agentImage: pulumi.Output<string>;
  private readonly host: KubernetesHost;
  private readonly door: Door;
  private readonly edges: Edges;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: KubernetesPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`KubernetesPlatform "${name}"`);
    checkName(problems, "name", name);
    problems.throwIfAny();
    super("flotilla:index:KubernetesPlatform", name, {}, opts);
    this.namespace = stackPrefix(pulumi.getProject(), name, pulumi.getStack());
    this.agentImage = pulumi.output("");
    this.host = undefined as unknown as KubernetesHost;
    this.door = makeDoor(this.host, args.expose ?? "load-balancer");
    this.edges = new Edges(this.host);
    this.registerOutputs({ namespace: this.namespace });
  }

  get router(): Router | undefined {
    return this.door.router;
  }

  catalogued(name: ImageName): string {
    return imageReference(name);
  }

  image(_name: string, _build: ImageBuild, _parent: pulumi.Resource): pulumi.Output<string> {
    throw new pulumi.RunError("Kubernetes builds no images yet.");
  }

  pull(
    _name: string,
    reference: pulumi.Input<string>,
    _credentials: ImageCredentials | undefined,
    _parent: pulumi.Resource,
  ): pulumi.Input<string> {
    return reference;
  }

  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): KubernetesWorkload {
    const workload = new KubernetesWorkload(name, { host: this.host, spec }, { parent });
    this.edges.add(name, spec.ports);
    return workload;
  }

  connect(caller: KubernetesWorkload, to: string, port: string | undefined): void {
    this.edges.connect({ caller, to, port });
  }

  expose(name: string, workload: KubernetesWorkload, exposure: Exposure, parent: pulumi.Resource): Exposed {
    return this.door.expose(name, workload, exposure, parent);
  }

  autoscale(
    name: string,
    scaling: ScalingSpec,
    workload: KubernetesWorkload,
    parent: pulumi.Resource,
  ): Autoscaler {
    workload.leaveReplicasTo(name);
    return autoscale(this.host, name, scaling, workload, parent);
  }
}
