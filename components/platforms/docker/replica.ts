import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerSpec } from "../../container";
import type { ContainerSpec, SidecarSpec } from "../../container-spec";
import type { WorkloadSpec } from "../../platform";
import { agentMount, containerArgs, runToEndArgs, succeeded } from "./container-args";
import type { FileVolumes } from "./file-volumes";
import type { DockerHost } from "./host";

/** What makes one replica. */
export interface ReplicaArgs {
  host: DockerHost;
  workload: string;
  /** From 1. */
  index: number;
  spec: WorkloadSpec;
  /** Changes with anything that the replica is made from, so that it is replaced as a whole. */
  revision: pulumi.Input<string>;
  /** Files of each container, by its name. */
  files: Map<string, FileVolumes>;
}

/**
 * One replica: containers that share the network of a sandbox, which never restarts. They start in the order init,
 * `before`, main, `after`, and stop in the reverse one, because each depends on those before it.
 */
export class DockerReplica extends pulumi.ComponentResource {
  readonly sandbox: docker.Container;
  readonly main: docker.Container;
  readonly sidecars: docker.Container[];

  constructor(name: string, args: ReplicaArgs, opts: pulumi.ComponentResourceOptions) {
    super("flotilla:index:DockerReplica", name, {}, opts);
    const { spec } = args;
    const volumes = new ReplicaVolumes(name, args, this);
    this.sandbox = this.createSandbox(name, args, volumes);

    let ready: pulumi.Input<string> = "";
    let earlier: pulumi.Resource[] = [this.sandbox];
    for (const container of spec.init) {
      const created = this.create(name, container, runToEndArgs(container), args, volumes, earlier, ready);
      ready = succeeded(`Init container "${container.name}" of "${name}"`, created);
      earlier = [created];
    }
    const stage = (containers: (ContainerSpec | SidecarSpec)[]): docker.Container[] => {
      const created = containers.map((container) =>
        this.create(name, container, containerArgs(container), args, volumes, earlier, ready),
      );
      earlier = created.length > 0 ? created : earlier;
      return created;
    };
    const before = stage(spec.sidecars.filter(({ order }) => order === "before"));
    [this.main] = stage([spec.main]);
    const after = stage(spec.sidecars.filter(({ order }) => order === "after"));
    this.sidecars = [...before, ...after];
    this.registerOutputs({});
  }

  /**
   * Owns the replica's network, as a pause container does: joiners of a container that restarts lose theirs. It needs nobody
   * else, so it is there by the time that what the workload starts after is ready.
   */
  private createSandbox(
    name: string,
    { host, workload, index, spec, revision }: ReplicaArgs,
    volumes: ReplicaVolumes,
  ): docker.Container {
    const limits = { cpuMillicores: 50, memoryMiB: 16, stopGraceSeconds: 2 };
    const sandbox = containerSpec("sandbox", host.agentImage, limits, undefined);
    const args = containerArgs({ ...sandbox, entrypoint: ["/agent"], command: ["sandbox"] });
    return new docker.Container(
      `${name}-sandbox`,
      {
        ...args,
        volumes: [...agentMount(host), ...volumes.kept()],
        // No networkMode beside it: Docker would join the network without the aliases.
        networksAdvanced: [{ name: host.network, aliases: [workload] }],
        sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
        labels: replicaLabels(host, workload, index, "sandbox", revision),
      },
      host.options(this, rollout(spec)),
    );
  }

  private create(
    name: string,
    container: ContainerSpec | SidecarSpec,
    base: docker.ContainerArgs,
    { host, workload, index, spec, revision, files }: ReplicaArgs,
    volumes: ReplicaVolumes,
    earlier: pulumi.Resource[],
    ready: pulumi.Input<string>,
  ): docker.Container {
    const written = files.get(container.name)!;
    const { startAfter = spec.startAfter } = container as Partial<SidecarSpec>;
    const gated = pulumi.all([revision, ready]).apply(([own]) => own);
    return new docker.Container(
      container === spec.main ? name : `${name}-${container.name}`,
      {
        ...base,
        networkMode: pulumi.interpolate`container:${this.sandbox.id}`,
        volumes: [...agentMount(host), ...written.mounts, ...volumes.mounts(container)],
        labels: replicaLabels(host, workload, index, container.name, gated),
      },
      host.options(this, {
        ...rollout(spec),
        dependsOn: [...earlier, ...startAfter, ...written.writers, ...volumes.prepared],
      }),
    );
  }
}

/** The volumes that belong to one replica. */
class ReplicaVolumes {
  readonly prepared: pulumi.Resource[] = [];
  private readonly ephemeral: string[] = [];
  private readonly names = new Map<string, pulumi.Input<string>>();

  constructor(name: string, args: ReplicaArgs, parent: pulumi.Resource) {
    const { host, workload, index, spec, revision } = args;
    for (const { name: volume, kind, sizeMiB } of spec.volumes) {
      const resource = `${name}-${volume}`;
      if (kind === "ephemeral") {
        const driverOpts = { type: "tmpfs", device: "tmpfs", o: `size=${sizeMiB}m,mode=1777,nosuid,nodev` };
        const own = {
          name: pulumi.interpolate`${host.prefix}-${resource}-${revision}`,
          driver: "local",
          driverOpts,
        };
        const options = host.options(parent, { deleteBeforeReplace: false });
        this.ephemeral.push(volume);
        this.names.set(volume, new docker.Volume(resource, { ...own, labels: host.labels() }, options).name);
        continue;
      }
      const labels = host.labels({
        "flotilla.volume": volume,
        "flotilla.workload": workload,
        "flotilla.replica": `${index}`,
      });
      const kept = new docker.Volume(
        resource,
        { name: `${host.prefix}-${resource}`, labels },
        host.options(parent),
      );
      this.names.set(volume, kept.name);
      this.prepared.push(this.makeWritable(resource, kept, host, parent));
    }
  }

  /**
   * Docker copies owner and mode of the image's folder to an empty volume: here one that any user may write to. Where the
   * reading image has the folder itself, that one's owner comes on top.
   */
  private makeWritable(
    name: string,
    volume: docker.Volume,
    host: DockerHost,
    parent: pulumi.Resource,
  ): pulumi.Resource {
    return new docker.Container(
      `${name}-owner`,
      {
        image: host.agentImage,
        start: false,
        mustRun: false,
        networkMode: "none",
        volumes: [{ volumeName: volume.name, containerPath: "/writable" }],
        labels: host.labels({ "flotilla.files": name }),
      },
      host.options(parent, { deleteBeforeReplace: false }),
    );
  }

  /**
   * Docker drops a volume in memory when no running container has it mounted: the sandbox keeps what an init container
   * leaves for the main one, and what the main one wrote before a restart.
   */
  kept(): docker.types.input.ContainerVolume[] {
    return this.ephemeral.map((volume) => ({
      volumeName: this.names.get(volume)!,
      containerPath: `/volumes/${volume}`,
      readOnly: true,
    }));
  }

  mounts(container: ContainerSpec): docker.types.input.ContainerVolume[] {
    return container.mounts.map(({ volume, path, readOnly }) => ({
      volumeName: this.names.get(volume)!,
      containerPath: path,
      readOnly,
    }));
  }
}

function replicaLabels(
  host: DockerHost,
  workload: string,
  index: number,
  container: string,
  revision: pulumi.Input<string>,
): docker.types.input.ContainerLabel[] {
  return host.labels({
    "flotilla.workload": workload,
    "flotilla.replica": String(index),
    "flotilla.container": container,
    "flotilla.revision": revision,
  });
}

function rollout(spec: WorkloadSpec): pulumi.CustomResourceOptions {
  return { deleteBeforeReplace: spec.rollout === "recreate" };
}
