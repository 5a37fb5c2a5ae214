/** EFS on local Docker: a volume for each folder that access points lead to, that lives as long as its file system. */
import type Docker from "dockerode";
import type { AwsClient, Json } from "../emulator";
import type { Permissions } from "./permissions";
import type { SecurityGroups } from "./security-groups";
import type { Task } from "./task";
import type { TaskVolume } from "./task-definition";

const NFS_PORT = 2049;
const FILE_SYSTEM = "flotilla.test.ecs.file-system";

export class FileSystems {
  private readonly made = new Map<string, Promise<string>>();

  /** @param image one that has a shell, for the owner of a new folder */
  constructor(
    private readonly aws: AwsClient,
    private readonly docker: Docker,
    private readonly permissions: Permissions,
    private readonly groups: SecurityGroups,
    private readonly image: string,
    private readonly labels: Record<string, string>,
  ) {}

  /** The volume behind a volume of a task, whose role has to be allowed to mount it, and whose groups to connect to it. */
  async volume({ name: volume, efsVolumeConfiguration }: TaskVolume, task: Task): Promise<string> {
    const { fileSystemId, authorizationConfig = {} } = efsVolumeConfiguration!;
    const { accessPointId, iam } = authorizationConfig;
    const targets: Json[] = await this.aws.call(
      "efs",
      "DescribeMountTargets",
      { FileSystemId: fileSystemId },
      "MountTargets",
    );
    if (targets.length === 0) throw new Error(`${fileSystemId} has no mount target`);
    for (const { MountTargetId } of targets) {
      const select = "SecurityGroups";
      const own = await this.aws.call("efs", "DescribeMountTargetSecurityGroups", { MountTargetId }, select);
      await this.groups.demand(task.groups, own, NFS_PORT);
    }
    if (iam === "ENABLED") {
      const [system] = await this.aws.call(
        "efs",
        "DescribeFileSystems",
        { FileSystemId: fileSystemId },
        "FileSystems",
      );
      const mounts = task.definition.containerDefinitions.flatMap(({ mountPoints = [] }) => mountPoints);
      const isWritten = mounts.some(({ sourceVolume, readOnly }) => sourceVolume === volume && !readOnly);
      for (const right of isWritten ? ["ClientMount", "ClientWrite"] : ["ClientMount"]) {
        const action = `elasticfilesystem:${right}`;
        await this.permissions.demand(task.definition.taskRoleArn, action, system.FileSystemArn);
      }
    }
    const root = accessPointId === undefined ? { Path: "/" } : await this.rootOf(accessPointId);
    const name = `ecs-${fileSystemId}-${root.Path.slice(1).replaceAll("/", "-")}`;
    const made = this.made.get(name) ?? this.make(name, fileSystemId, root.CreationInfo);
    this.made.set(name, made);
    return made;
  }

  async volumes(): Promise<string[]> {
    await this.removeForgotten();
    const own = Object.entries(this.labels).map(([key, value]) => `${key}=${value}`);
    const { Volumes } = await this.docker.listVolumes({ filters: { label: [...own, FILE_SYSTEM] } });
    return (Volumes ?? []).map(({ Name }) => Name).sort();
  }

  /** Volumes go with their file systems. */
  async removeForgotten(): Promise<void> {
    if (this.made.size === 0) return;
    const ids: string[] = await this.aws.call("efs", "DescribeFileSystems", {}, "FileSystems[].FileSystemId");
    for (const [name, made] of this.made) {
      if (ids.some((id) => name.startsWith(`ecs-${id}-`))) continue;
      this.made.delete(name);
      await this.docker.getVolume(await made).remove();
    }
  }

  private rootOf(AccessPointId: string): Promise<{ Path: string; CreationInfo?: Json }> {
    const select = "AccessPoints[0].RootDirectory";
    return this.aws.call("efs", "DescribeAccessPoints", { AccessPointId }, select);
  }

  /** `owner`: whose a folder is that an access point makes. */
  private async make(name: string, fileSystem: string, owner: Json | undefined): Promise<string> {
    await this.docker.createVolume({ Name: name, Labels: { ...this.labels, [FILE_SYSTEM]: fileSystem } });
    if (owner !== undefined) {
      const { OwnerUid, OwnerGid, Permissions: mode } = owner;
      const script = `chown ${OwnerUid}:${OwnerGid} /data && chmod ${mode} /data`;
      const container = await this.docker.createContainer({
        Image: this.image,
        Entrypoint: ["sh", "-c", script],
        Cmd: [],
        Labels: this.labels,
        User: "0",
        HostConfig: { NetworkMode: "none", Binds: [`${name}:/data`] },
      });
      await container.start();
      const { StatusCode } = await container.wait();
      await container.remove();
      if (StatusCode !== 0) throw new Error(`${name} could not be given to ${OwnerUid}`);
    }
    return name;
  }
}
