import * as path from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { FileBundle } from "../../container-spec";
import { AGENT_FOLDER, checkName } from "../../fields";
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
import { builtImage, pulledImage, withBaseImages } from "../shared/images";
import { keyedDigest } from "../shared/keyed-digest";
import { stackPrefix } from "../shared/stack-prefix";
import { type FileVolumes, fileVolumes } from "./file-volumes";
import { type DockerHost, stackLabel } from "./host";
import { PublicPort } from "./public-port";
import { DockerWorkload } from "./workload";

export interface DockerPlatformArgs {
  /** References of catalogued images other than the catalogue's own. @default {} */
  images?: Partial<Record<ImageName, string>>;
  /** Address of the host on which public ports are opened. @default "127.0.0.1" */
  publishAddress?: string;
  /** The daemon. @default - the one of the stack's configuration and environment */
  provider?: docker.Provider;
}

/**
 * Runs workloads on one Docker daemon, in a network of their own. Nothing needs the containers' addresses from the host,
 * so a daemon in a virtual machine will do.
 *
 * @example
 * const platform = new DockerPlatform("shop");
 */
export class DockerPlatform extends pulumi.ComponentResource implements Platform<DockerWorkload> {
  readonly namespace: string;
  /** A workload's network alias resolves to all of its replicas. */
  readonly names: Discovery = { arguments: ["--registry", "native"], bundles: [] };
  readonly agentImage: pulumi.Output<string>;
  readonly proxiesInFront = 0;
  readonly network: docker.Network;
  private readonly host: DockerHost;
  private readonly references: Partial<Record<ImageName, string>>;
  private readonly bundles = new Map<string, FileVolumes>();
  private warnedOfScaling = false;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: DockerPlatformArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`DockerPlatform "${name}"`);
    checkName(problems, "name", name);
    problems.throwIfAny();
    super("flotilla:index:DockerPlatform", name, {}, opts);

    const prefix = stackPrefix(pulumi.getProject(), name, pulumi.getStack());
    const stack = { "flotilla.stack": stackLabel() };
    const key = new RandomPassword(`${name}-naming-key`, { length: 32, special: false }, { parent: this });
    const { provider } = args;
    const shared = {
      prefix,
      repository: `flotilla.local/${prefix}`,
      publishAddress: args.publishAddress ?? "127.0.0.1",
      labels: (more: Record<string, pulumi.Input<string>> = {}) =>
        Object.entries({ ...stack, ...more }).map(([label, value]) => ({ label, value })),
      digest: (value: pulumi.Input<unknown>) => keyedDigest(key.result, value),
      options: (parent: pulumi.Resource, more?: pulumi.CustomResourceOptions) => ({
        // Pulumi's name for "it failed half-way": such a container is made anew, as an update would leave it as it is.
        replaceOnChanges: ["#initerror"],
        ...more,
        parent,
        provider,
      }),
    };
    this.namespace = prefix;
    this.references = args.images ?? {};
    this.network = new docker.Network(
      `${name}-network`,
      { name: prefix, labels: shared.labels() },
      shared.options(this),
    );
    const context = path.join(__dirname, "../../agent");
    const agent = { context, dockerfile: "Dockerfile", args: { GO_IMAGE: this.catalogued("golang") } };
    const partial = { ...shared, network: this.network.name, agentImage: "", agentVolume: "" };
    this.agentImage = builtImage(partial, `${name}-agent`, agent, stack, this).name;
    const withAgent = { ...partial, agentImage: this.agentImage };
    this.host = { ...withAgent, agentVolume: agentVolume(withAgent, `${name}-agent`, this) };
    this.registerOutputs({ network: this.network.name });
  }

  address(workload: string): string {
    return workload;
  }

  catalogued(name: ImageName): string {
    return this.references[name] ?? imageReference(name);
  }

  image(name: string, build: ImageBuild, parent: pulumi.Resource): pulumi.Output<string> {
    const labels = { "flotilla.stack": stackLabel(), "flotilla.image": name };
    return builtImage(this.host, name, withBaseImages(build, this.references), labels, parent).name;
  }

  pull(
    name: string,
    reference: pulumi.Input<string>,
    credentials: ImageCredentials | undefined,
    parent: pulumi.Resource,
  ): pulumi.Output<string> {
    return pulledImage(this.host, name, reference, credentials, parent).name;
  }

  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): DockerWorkload {
    const problems = new Problems(`Microservice "${name}"`);
    for (const volume of spec.volumes.filter(({ kind }) => kind === "persistent")) {
      if (volume.sizeMiB !== undefined) {
        const rule = "cannot be kept by local Docker, which does not bound a persistent volume";
        problems.add(`volumes["${volume.name}"].sizeMiB`, rule, volume.sizeMiB, "Take it out.");
      }
    }
    if (spec.platformCredentials) {
      const rule = "cannot be given by local Docker, which has no API for its containers";
      problems.add("platformCredentials", rule, true, "Take it out.");
    }
    problems.throwIfAny();
    const bundle = (files: FileBundle): FileVolumes => this.bundle(files);
    return new DockerWorkload(name, { host: this.host, spec, bundle }, { parent });
  }

  /** All workloads of a stack share one network, in which every one may reach every other. */
  connect(): void {}

  expose(name: string, workload: DockerWorkload, exposure: Exposure, parent: pulumi.Resource): Exposed {
    const files = exposure.discovery.bundles.map((bundle) => this.bundle(bundle));
    return new PublicPort(name, { host: this.host, exposure, files, after: workload }, { parent });
  }

  /** Starts the range's minimum, but at least one; says once that nothing moves within it yet. */
  autoscale(
    name: string,
    scaling: ScalingSpec,
    _workload: DockerWorkload,
    parent: pulumi.Resource,
  ): Autoscaler {
    if (!this.warnedOfScaling) {
      this.warnedOfScaling = true;
      const rule = `AutoscalingPolicy "${name}": local Docker starts ${Math.max(1, scaling.min)} and does not scale yet`;
      void pulumi.log.warn(`${rule}; so do the other policies of this stack.`, parent);
    }
    return { enforced: false };
  }

  /** Written once, however many containers read it. */
  private bundle({ name, files }: FileBundle): FileVolumes {
    const known = this.bundles.get(name);
    if (known !== undefined) {
      return known;
    }
    const written = fileVolumes(this.host, name, this.agentImage, files, this);
    this.bundles.set(name, written);
    return written;
  }
}

/** A volume that Docker fills from the agent's image when the container that mounts it is made; nothing runs. */
function agentVolume(host: DockerHost, resource: string, parent: pulumi.Resource): pulumi.Output<string> {
  const content = host.digest(host.agentImage);
  const name = pulumi.interpolate`${host.prefix}-agent-${content}`;
  const options = host.options(parent, { deleteBeforeReplace: false });
  const volume = new docker.Volume(resource, { name, labels: host.labels() }, options);
  const filler = new docker.Container(
    `${resource}-filler`,
    {
      image: host.agentImage,
      start: false,
      mustRun: false,
      networkMode: "none",
      volumes: [{ volumeName: volume.name, containerPath: AGENT_FOLDER }],
      labels: host.labels({ "flotilla.files": "agent" }),
    },
    options,
  );
  return pulumi.all([volume.name, filler.id]).apply(([filled]) => filled);
}
