import * as path from "node:path";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { FileBundle } from "../../container-spec";
import { checkName, checkWhole } from "../../fields";
import { flags } from "../../flags";
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
import { builtImage, type ImageHost, pulledImage, withBaseImages } from "../shared/images";
import { keyedDigest } from "../shared/keyed-digest";
import { stackPrefix } from "../shared/stack-prefix";
import { autoscale } from "./autoscale";
import { ClusterNeeds } from "./cluster-needs";
import { checkExpose, type Door, type ExposeArgs, makeDoor } from "./expose";
import { type WrittenFiles, writeFiles } from "./files";
import {
  type KubernetesHost,
  labels,
  type MoreMetadata,
  POD_SECURITY,
  type PodSecurity,
  TAKE_OVER,
} from "./host";
import { checkImages, type ImageDelivery, type ImagesArgs } from "./image-delivery";
import { LoadedImages } from "./loaded-images";
import { admit, denyByDefault, Edges, NEIGHBOURS } from "./network-policies";
import { pullSecret } from "./pull-secret";
import { PushedImages } from "./pushed-images";
import { checkWorkload } from "./refusals";
import { KubernetesWorkload } from "./workload";

export interface KubernetesPlatformArgs {
  /** How the cluster's nodes get the images that are built here. */
  images: ImagesArgs;
  /** Path or content of a kubeconfig. @default - the machine's own, where `context` is given */
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

/** Images of this host are on no registry: they were built on the local daemon. */
const LOCAL = "flotilla.local/";

/**
 * Runs workloads on a Kubernetes cluster (1.30 or later), in a namespace of their own. Never on the current context by
 * accident: `kubeconfig` or `context` must be given.
 *
 * @example
 * const platform = new KubernetesPlatform("shop", {
 *   context: "staging",
 *   images: { push: "images.example.com/shop" },
 * });
 */
export class KubernetesPlatform extends pulumi.ComponentResource implements Platform<KubernetesWorkload> {
  readonly namespace: string;
  /** A workload's headless service resolves to all of its replicas, its ordinary one to an address in front of them. */
  readonly names: Discovery = {
    arguments: flags({
      registry: "native",
      "registry-name": "{service}-instances",
      "registry-balanced-name": "{service}",
    }),
    bundles: [],
  };
  readonly proxiesInFront = 0;
  readonly agentImage: pulumi.Output<string>;
  private readonly host: KubernetesHost;
  /** Where images are built; they get to the cluster by the delivery. */
  private readonly builder: ImageHost;
  private readonly delivery: ImageDelivery;
  private readonly door: Door;
  private readonly edges: Edges;
  private readonly references: Partial<Record<ImageName, string>>;
  private readonly bundles = new Map<string, WrittenFiles>();
  /** Secrets for the private images of each component. */
  private readonly pullSecrets = new Map<pulumi.Resource, pulumi.Input<string>[]>();

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: KubernetesPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    checkPlatform(name, args);
    super("flotilla:index:KubernetesPlatform", name, {}, opts);

    this.namespace = stackPrefix(pulumi.getProject(), name, pulumi.getStack());
    this.references = args.references ?? {};
    this.builder = {
      repository: `${LOCAL}${this.namespace}`,
      options: (parent) => ({ parent, replaceOnChanges: ["#initerror"] }),
    };
    const context = path.join(__dirname, "../../agent");
    const agent = { context, dockerfile: "Dockerfile", args: { GO_IMAGE: this.catalogued("golang") } };
    const built = builtImage(this.builder, `${name}-agent`, agent, this.imageLabels(`${name}-agent`), this);
    this.host = this.createHost(name, args);
    const { images } = args;
    this.delivery =
      "push" in images
        ? new PushedImages(this.host, name, images, this)
        : new LoadedImages(this.host, name, images);
    this.agentImage = this.delivery.deliver(`${name}-agent`, built, this);
    this.edges = new Edges(this.host);
    this.door = makeDoor(this.host, args.expose ?? "load-balancer", (workload) =>
      this.edges.portsOf(workload),
    );
    denyByDefault(this.host, name, this);
    this.registerOutputs({ namespace: this.namespace });
  }

  get router(): Router | undefined {
    return this.door.router;
  }

  address(workload: string): string {
    return workload;
  }

  catalogued(name: ImageName): string {
    return this.references[name] ?? imageReference(name);
  }

  image(name: string, build: ImageBuild, parent: pulumi.Resource): pulumi.Output<string> {
    const withBase = withBaseImages(build, this.references);
    const image = builtImage(this.builder, name, withBase, this.imageLabels(name), parent);
    return this.delivery.deliver(name, image, parent);
  }

  /** The nodes pull by themselves what is on a registry; what is only on the local daemon is delivered. */
  pull(
    name: string,
    reference: pulumi.Input<string>,
    credentials: ImageCredentials | undefined,
    parent: pulumi.Resource,
  ): pulumi.Input<string> {
    if (typeof reference === "string" && reference.startsWith(LOCAL)) {
      const image = pulledImage(this.builder, name, reference, undefined, parent);
      return this.delivery.deliver(name, image, parent);
    }
    if (credentials !== undefined) {
      const secret = pullSecret(this.host, name, credentials, parent).metadata.name;
      this.pullSecrets.set(parent, [...(this.pullSecrets.get(parent) ?? []), secret]);
    }
    return reference;
  }

  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): KubernetesWorkload {
    const problems = new Problems(`Microservice "${name}"`);
    checkWorkload(problems, spec, this.host.podSecurity);
    problems.throwIfAny();
    const workload = new KubernetesWorkload(
      name,
      {
        host: this.host,
        spec,
        bundle: (files) => this.bundle(files),
        pullSecrets: [...this.delivery.pullSecrets, ...(this.pullSecrets.get(parent) ?? [])],
        admissions: this.edges.admissionsOf(name),
      },
      { parent },
    );
    this.edges.add(name, spec.ports);
    if (spec.admits === "platform") {
      const ports = spec.ports.map(({ port }) => port);
      admit(this.host, `${name}-from-platform`, name, ports, NEIGHBOURS, workload);
    }
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

  private createHost(name: string, args: KubernetesPlatformArgs): KubernetesHost {
    const { kubeconfig, context, podSecurity = "restricted" } = args;
    // What never changes says so itself; files that running containers watch are written in place.
    const cluster = { kubeconfig, context, enableConfigMapMutable: true, enableSecretMutable: true };
    const provider = new Provider(`${name}-cluster`, cluster, { parent: this });
    // What a "down" that keeps data leaves there is found again by the next "up".
    const keeper = new Provider(
      `${name}-data`,
      { ...cluster, upsertExistingObjects: true },
      { parent: this },
    );
    const key = new RandomPassword(`${name}-naming-key`, { length: 32, special: false }, { parent: this });
    const needs = new ClusterNeeds(kubeconfig, context);
    const namespace = new Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: needs.met.apply(() => this.namespace),
          // What the command line finds a stack's namespaces by.
          annotations: {
            "flotilla.dev/pulumi-stack": `${pulumi.getProject()}/${pulumi.getStack()}`,
            ...TAKE_OVER,
          },
          labels: {
            ...labels(this.namespace),
            ...Object.fromEntries(
              ["enforce", "warn", "audit"].map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]),
            ),
          },
        },
      },
      { parent: this, provider: keeper },
    ).metadata.name;
    return {
      namespace,
      podSecurity,
      cluster: needs,
      cpuRequestPercent: args.cpuRequestPercent ?? 10,
      storageClass: args.storageClass,
      metadata: (own, workload, more: MoreMetadata = {}) => ({
        name: own,
        namespace,
        labels: { ...labels(this.namespace, workload), ...more.labels },
        ...(more.annotations === undefined ? {} : { annotations: more.annotations }),
      }),
      digest: (value) => keyedDigest(key.result, value),
      options: (parent, more) => ({ ...more, parent, provider }),
      keptOptions: (parent) => ({ parent, provider: keeper }),
    };
  }

  private imageLabels(name: string): Record<string, string> {
    return { "flotilla.stack": `${pulumi.getProject()}/${pulumi.getStack()}`, "flotilla.image": name };
  }

  /** Written once, however many containers read it. */
  private bundle({ name, files }: FileBundle): WrittenFiles {
    const known = this.bundles.get(name);
    if (known !== undefined) {
      return known;
    }
    const written = writeFiles(this.host, { owner: name, volume: `shared-${name}` }, files, this);
    this.bundles.set(name, written);
    return written;
  }
}

function checkPlatform(name: string, args: KubernetesPlatformArgs): void {
  const problems = new Problems(`KubernetesPlatform "${name}"`);
  checkName(problems, "name", name);
  checkImages(problems, "images", args.images);
  if (args.kubeconfig === undefined && args.context === undefined) {
    const fix = 'Write context: "staging".';
    problems.add("context", "or kubeconfig must be given, so that it is no other cluster", undefined, fix);
  }
  if (args.expose !== undefined) {
    checkExpose(problems, "expose", args.expose);
  }
  if (args.podSecurity !== undefined && !POD_SECURITY.includes(args.podSecurity)) {
    const rule = `must be one of ${POD_SECURITY.join(", ")}`;
    problems.add("podSecurity", rule, args.podSecurity, 'Write "restricted".');
  }
  checkWhole(problems, "cpuRequestPercent", args.cpuRequestPercent, { min: 1, max: 100, unit: "percent" });
  problems.throwIfAny();
}
