import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { AccessPoint } from "@pulumi/aws/efs/accessPoint";
import { FileSystem as Efs } from "@pulumi/aws/efs/fileSystem";
import { MountTarget } from "@pulumi/aws/efs/mountTarget";
import type { input } from "@pulumi/aws/types";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "./host";
import { creationTokenOf } from "./kept-file-system";
import type { Statement } from "./policy";

type FileSystemHost = Pick<EcsHost, "prefix" | "network" | "kmsKeyArn" | "tags" | "options">;

/** Whose volume it is. */
export interface VolumeOwner {
  workload: string;
  volume: string;
  /** User and group that everything in it belongs to. */
  user: number;
  /** Security group of the tasks that mount it. */
  groupId: pulumi.Output<string>;
}

/** A persistent volume as a task mounts it. */
export interface MountedVolume {
  configuration: input.ecs.TaskDefinitionVolumeEfsVolumeConfiguration;
  /** What mounting it takes. */
  statement: Statement;
  /** What must be there before a task starts. */
  needed: pulumi.Resource[];
}

interface Made {
  efs: Efs;
  targets: MountTarget[];
  group: SecurityGroup;
}

const NFS_PORT = 2049;

/**
 * One encrypted file system for all persistent volumes of a platform, each in a folder of its own that no other workload can
 * mount. Made when the first volume comes.
 */
export class FileSystem {
  private made: Made | undefined;
  private readonly admitted = new Set<string>();

  constructor(
    private readonly host: FileSystemHost,
    private readonly name: string,
    private readonly existingId: string | undefined,
    private readonly parent: pulumi.Resource,
  ) {}

  volume({ workload, volume, user, groupId }: VolumeOwner, parent: pulumi.Resource): MountedVolume {
    const { host } = this;
    const { efs, targets, group } = this.make();
    const access = new AccessPoint(
      `${workload}-${volume}`,
      {
        fileSystemId: efs.id,
        posixUser: { uid: user, gid: user },
        rootDirectory: {
          path: `/${workload}/${volume}`,
          creationInfo: { ownerUid: user, ownerGid: user, permissions: "0750" },
        },
        tags: host.tags(`${host.prefix}-${workload}-${volume}`, workload),
      },
      host.options(parent),
    );
    const needed: pulumi.Resource[] = [...targets];
    if (!this.admitted.has(workload)) {
      this.admitted.add(workload);
      const rule = {
        securityGroupId: group.id,
        referencedSecurityGroupId: groupId,
        ipProtocol: "tcp",
        fromPort: NFS_PORT,
        toPort: NFS_PORT,
        tags: host.tags(`${host.prefix}-${workload}-to-volumes`, workload),
      };
      needed.push(new SecurityGroupIngressRule(`${workload}-to-volumes`, rule, host.options(parent)));
    }
    return {
      configuration: {
        fileSystemId: efs.id,
        transitEncryption: "ENABLED",
        authorizationConfig: { accessPointId: access.id, iam: "ENABLED" },
      },
      statement: {
        actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        resources: [efs.arn],
        conditions: { StringEquals: { "elasticfilesystem:AccessPointArn": access.arn } },
      },
      needed,
    };
  }

  private make(): Made {
    if (this.made !== undefined) {
      return this.made;
    }
    const { host, name } = this;
    const options = host.options(this.parent);
    const tags = host.tags(`${host.prefix}-volumes`);
    const efs = new Efs(
      `${name}-volumes`,
      {
        creationToken: creationTokenOf(host.prefix),
        encrypted: true,
        kmsKeyId: host.kmsKeyArn,
        tags,
      },
      { ...options, import: this.existingId },
    );
    const group = new SecurityGroup(
      `${name}-volumes-group`,
      {
        name: `${host.prefix}-volumes`,
        description: "Persistent volumes, for the workloads that have some",
        vpcId: host.network.vpcId,
        tags,
      },
      options,
    );
    const targets = host.network.privateSubnetIds.map((subnetId, index) => {
      const target = { fileSystemId: efs.id, subnetId, securityGroups: [group.id] };
      return new MountTarget(`${name}-volumes-${index + 1}`, target, options);
    });
    this.made = { efs, targets, group };
    return this.made;
  }
}
