import * as path from "node:path";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { Provider } from "@pulumi/aws/provider";
import { PrivateDnsNamespace } from "@pulumi/aws/servicediscovery/privateDnsNamespace";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { FileBundle } from "../../container-spec";
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
  ScalingSpec,
  WorkloadSpec,
} from "../../platform";
import { Problems } from "../../problems";
import { contextHash } from "../shared/context-hash";
import { builtImage, type ImageHost, pulledImage, withBaseImages } from "../shared/images";
import { keyedDigest } from "../shared/keyed-digest";
import { stackPrefix } from "../shared/stack-prefix";
import { autoscale } from "./autoscale";
import { capacityOf } from "./capacity";
import { existingCluster, ownCluster } from "./cluster";
import { checkPlatform, type EcsPlatformArgs } from "./ecs-platform-args";
import { exposed, proxiesOf } from "./expose";
import { FileBucket } from "./file-bucket";
import { FileSystem } from "./file-system";
import type { EcsHost } from "./host";
import { ImageRepositories, mirrorTag } from "./image-repositories";
import { isExisting, type Network } from "./network";
import { ownNetwork } from "./own-network";
import { checkWorkload } from "./refusals";
import { SECRET_STORES, type StoredSecrets } from "./secret-store";
import { Edges, memberGroup } from "./security-groups";
import { bundleEntries } from "./task-files";
import { EcsWorkload } from "./workload";

/** Images of this host are on no registry: they were built on the local daemon. */
const LOCAL = "flotilla.local/";

/**
 * Runs workloads on AWS ECS: on Fargate, on Spot capacity, or on machines of your own. Everything is in one region, which must
 * be given, in a VPC that is made for it unless one is given.
 *
 * @example
 * const platform = new EcsPlatform("shop", {
 *   region: "eu-central-1",
 *   expose: { kind: "alb", certificateArn: "arn:aws:acm:eu-central-1:111122223333:certificate/1a2b" },
 * });
 */
export class EcsPlatform extends pulumi.ComponentResource implements Platform<EcsWorkload> {
  readonly namespace: string;
  readonly names: Discovery;
  /** An ALB is a proxy; an NLB passes the client's own address on. */
  readonly proxiesInFront: number;
  readonly agentImage: pulumi.Output<string>;
  readonly network: Network;
  private readonly host: EcsHost;
  private readonly args: EcsPlatformArgs;
  /** Where images are built; they get to AWS by its repositories. */
  private readonly builder: ImageHost;
  private readonly repositories: ImageRepositories;
  private readonly edges: Edges;
  private readonly bundleSecrets = new Map<string, StoredSecrets | undefined>();

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: EcsPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    checkPlatform(name, args);
    super("flotilla:index:EcsPlatform", name, {}, opts);

    this.args = args;
    this.proxiesInFront = proxiesOf(args.expose ?? "alb");
    this.namespace = stackPrefix(pulumi.getProject(), name, pulumi.getStack());
    const domain = `${this.namespace}.internal`;
    this.names = {
      arguments: flags({
        registry: "native",
        "registry-name": `{service}.${domain}`,
        // DNS tells eight addresses at a time.
        "registry-name-limit": "8",
      }),
      bundles: [],
    };
    const { architecture = "x86_64", capacity = "fargate" } = args;
    this.builder = {
      repository: `${LOCAL}${this.namespace}`,
      platform: architecture === "arm64" ? "linux/arm64" : "linux/amd64",
      options: (parent) => ({ parent, replaceOnChanges: ["#initerror"] }),
    };
    const shared = this.shared(name);
    this.repositories = new ImageRepositories(shared, this);
    this.agentImage = this.image(
      `${name}-agent`,
      {
        context: path.join(__dirname, "../../agent"),
        dockerfile: "Dockerfile",
        args: { GO_IMAGE: this.catalogued("golang") },
      },
      this,
    );
    const members = lazily((vpcId: pulumi.Output<string>) => memberGroup(shared, name, vpcId, this).id);
    const given = args.network ?? {};
    this.network = isExisting(given)
      ? {
          vpcId: pulumi.output(given.vpcId),
          privateSubnetIds: given.privateSubnetIds.map((id) => pulumi.output(id)),
          publicSubnetIds: given.publicSubnetIds.map((id) => pulumi.output(id)),
          ready: [],
        }
      : ownNetwork(shared, name, given, members, this);
    const cluster =
      args.clusterArn === undefined
        ? ownCluster(shared, name, capacity, args.containerInsights ?? "disabled", this)
        : existingCluster(args.clusterArn);
    const dns = new PrivateDnsNamespace(
      `${name}-names`,
      { name: domain, vpc: this.network.vpcId, tags: shared.tags(domain) },
      shared.options(this),
    );
    const network = { ...this.network, ready: [...this.network.ready, ...cluster.ready] };
    const stored = { ...shared, network };
    this.host = {
      ...stored,
      clusterArn: cluster.arn,
      clusterName: cluster.name,
      namespace: { id: dns.id, arn: dns.arn, name: domain },
      capacity: capacityOf(capacity),
      architecture,
      logs: { retentionDays: args.logRetentionDays ?? 30 },
      memberGroupId: members(this.network.vpcId),
      secrets: SECRET_STORES[args.secretStore ?? "secrets-manager"](stored),
      files: new FileBucket(stored, name, this),
      fileSystem: new FileSystem(stored, name, args.fileSystemId, this),
      rollout: args.rollout ?? {},
      serviceConnect: args.serviceConnect ?? false,
      agentImage: this.agentImage,
    };
    this.edges = new Edges(this.host);
    this.warn(name, args);
    this.registerOutputs({ namespace: this.namespace, vpcId: this.network.vpcId });
  }

  address(workload: string): string {
    return `${workload}.${this.host.namespace.name}`;
  }

  catalogued(name: ImageName): string {
    return this.args.references?.[name] ?? imageReference(name);
  }

  image(name: string, build: ImageBuild, parent: pulumi.Resource): pulumi.Output<string> {
    const withBase = withBaseImages(build, this.args.references ?? {});
    const whole = { ...withBase, platform: build.platform ?? this.builder.platform };
    const labels = {
      "flotilla.stack": `${pulumi.getProject()}/${pulumi.getStack()}`,
      "flotilla.image": name,
    };
    const image = builtImage(this.builder, name, whole, labels, parent);
    return this.repositories.push(name, image, contextHash(whole), parent);
  }

  /** Copies it into a repository of the platform's own: tasks pull from nowhere else. */
  pull(
    name: string,
    reference: pulumi.Input<string>,
    credentials: ImageCredentials | undefined,
    parent: pulumi.Resource,
  ): pulumi.Output<string> {
    const image = pulledImage(this.builder, name, reference, credentials, parent);
    return this.repositories.push(name, image, mirrorTag(reference), parent);
  }

  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): EcsWorkload {
    const problems = new Problems(`Microservice "${name}"`);
    checkWorkload(problems, spec, this.agentImage, this.host.capacity.fargate);
    problems.throwIfAny();
    const workload = new EcsWorkload(
      name,
      {
        host: this.host,
        spec,
        bundleSecrets: (bundle) => this.secretsOf(bundle),
        admissions: this.edges.openedBy(name),
      },
      { parent },
    );
    this.edges.add(workload);
    if (spec.admits === "platform") {
      this.edges.admitMembers(workload);
    }
    return workload;
  }

  connect(caller: EcsWorkload, to: string, port: string | undefined): void {
    this.edges.connect({ caller, to, port });
  }

  expose(name: string, workload: EcsWorkload, exposure: Exposure, parent: pulumi.Resource): Exposed {
    return exposed(this.host, name, workload, exposure.listeners, this.args.expose ?? "alb", parent);
  }

  autoscale(name: string, scaling: ScalingSpec, workload: EcsWorkload, parent: pulumi.Resource): Autoscaler {
    return autoscale(
      {
        host: this.host,
        highResolution: this.args.highResolutionMetrics ?? true,
        address: (service) => this.address(service),
        run: (own, spec, owner) => this.run(own, spec, owner),
        connect: (from, to, port) => this.edges.connect({ caller: from, to, port }),
      },
      name,
      scaling,
      workload,
      parent,
    );
  }

  /** What even the first parts need. */
  private shared(name: string) {
    const { region, kmsKeyArn, deletionProtection = false, tags: given = {} } = this.args;
    const provider = new Provider(`${name}-region`, { region }, { parent: this });
    const invoke = { parent: this, provider };
    const key = new RandomPassword(`${name}-naming-key`, { length: 32, special: false }, { parent: this });
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
    return {
      prefix: this.namespace,
      region,
      partition: getPartitionOutput({}, invoke).partition,
      accountId: getCallerIdentityOutput({}, invoke).accountId,
      kmsKeyArn,
      deletionProtection,
      tags: (own: pulumi.Input<string>, workload?: string) => ({
        ...given,
        Name: own,
        "flotilla:stack": stack,
        ...(workload === undefined ? {} : { "flotilla:workload": workload }),
      }),
      digest: (value: pulumi.Input<unknown>) => keyedDigest(key.result, value),
      options: (parent: pulumi.Resource, more?: pulumi.CustomResourceOptions) => ({
        ...more,
        parent,
        provider,
      }),
    };
  }

  /** Kept once, however many workloads read them. */
  private secretsOf(bundle: FileBundle): StoredSecrets | undefined {
    if (!this.bundleSecrets.has(bundle.name)) {
      const entries = bundleEntries(bundle);
      const stored = entries.length === 0 ? undefined : this.host.secrets(bundle.name, entries, this);
      this.bundleSecrets.set(bundle.name, stored);
    }
    return this.bundleSecrets.get(bundle.name);
  }

  /** Says once what ECS lacks of what other targets do. */
  private warn(name: string, { capacity = "fargate", expose = "alb" }: EcsPlatformArgs): void {
    const said = ["ECS bounds no number of processes"];
    if (typeof capacity === "string") {
      said.push("Fargate has no switch that forbids new privileges, and keeps ephemeral volumes on its disk");
    }
    if (typeof expose === "string" || expose.certificateArn === undefined) {
      said.push("clients speak to the gateway without TLS, as expose has no certificateArn");
    }
    void pulumi.log.warn(`EcsPlatform "${name}": ${said.join("; ")}.`, this);
  }
}

/** Made when first asked for, and once. */
function lazily<A, R>(make: (argument: A) => R): (argument: A) => R {
  let made: { value: R } | undefined;
  return (argument) => {
    made ??= { value: make(argument) };
    return made.value;
  };
}
