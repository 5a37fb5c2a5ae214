import type { input } from "@pulumi/aws/types";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, VolumeSpec } from "../../container-spec";
import type { EcsHost } from "./host";
import type { Statement } from "./policy";

/** Where a container sees a volume, as ECS writes it. */
export interface MountPoint {
  sourceVolume: string;
  containerPath: string;
  readOnly: boolean;
}

/** The volumes of a task: those that go with it, which the agent prepares, and persistent ones. */
export class TaskVolumes {
  /** What goes with the task, and with which mode it starts. */
  readonly prepared: { name: string; mode: string }[] = [{ name: "agent", mode: "0755" }];
  /** What mounting the persistent ones takes. */
  readonly statements: Statement[] = [];
  readonly needed: pulumi.Resource[] = [];
  private readonly agentImage: pulumi.Input<string>;
  private readonly persistent: input.ecs.TaskDefinitionVolume[] = [];

  /** Any user may write to the ephemeral ones; a persistent one belongs to the user of the first container that mounts it. */
  constructor(
    host: EcsHost,
    workload: string,
    volumes: VolumeSpec[],
    containers: ContainerSpec[],
    groupId: pulumi.Output<string>,
    parent: pulumi.Resource,
  ) {
    for (const { name, kind } of volumes) {
      const first = containers.find(({ mounts }) => mounts.some(({ volume }) => volume === name));
      if (kind === "ephemeral") {
        this.add(volumeName(name), "1777");
      } else if (first !== undefined) {
        const owner = { workload, volume: name, user: first.hardening.runAsUser, groupId };
        const { configuration, statement, needed } = host.fileSystem.volume(owner, parent);
        this.persistent.push({ name: volumeName(name), efsVolumeConfiguration: configuration });
        this.statements.push(statement);
        this.needed.push(...needed);
      }
    }
    this.agentImage = host.agentImage;
    for (const container of containers) {
      if (this.needsTmp(container)) {
        this.add(tmpVolume(container), "1777");
      }
    }
  }

  add(name: string, mode: string): void {
    this.prepared.push({ name, mode });
  }

  get definitions(): input.ecs.TaskDefinitionVolume[] {
    return [...this.prepared.map(({ name }) => ({ name })), ...this.persistent];
  }

  /** Where a container sees the volumes that were asked for, and its `/tmp`. */
  mounts(container: ContainerSpec): MountPoint[] {
    const tmp = { sourceVolume: tmpVolume(container), containerPath: "/tmp", readOnly: false };
    return [
      ...(this.needsTmp(container) ? [tmp] : []),
      ...container.mounts.map(({ volume, path, readOnly }) => {
        return { sourceVolume: volumeName(volume), containerPath: path, readOnly };
      }),
    ];
  }

  /** The agent needs none. */
  private needsTmp({ image, mounts }: ContainerSpec): boolean {
    return image !== this.agentImage && !mounts.some(({ path }) => path === "/tmp");
  }
}

/** Kept apart from the volumes of the agent and of files. */
function volumeName(name: string): string {
  return `volume-${name}`;
}

function tmpVolume({ name }: ContainerSpec): string {
  return `tmp-${name}`;
}
