import * as pulumi from "@pulumi/pulumi";
import type { Capacity } from "./capacity";
import type { FileBucket } from "./file-bucket";
import type { FileSystem } from "./file-system";
import type { Network } from "./network";
import type { RolloutArgs } from "./rollout";
import type { SecretStore } from "./secret-store";

/** What all parts of an ECS platform share. */
export interface EcsHost {
  /** What every name on AWS begins with. */
  readonly prefix: string;
  readonly region: string;
  /** `aws`, or the one of China or of the government. */
  readonly partition: pulumi.Output<string>;
  readonly accountId: pulumi.Output<string>;
  readonly network: Network;
  readonly clusterArn: pulumi.Output<string>;
  readonly clusterName: pulumi.Output<string>;
  /** Private DNS in which the tasks find each other. */
  readonly namespace: Namespace;
  readonly capacity: Capacity;
  readonly architecture: Architecture;
  readonly logs: LogSettings;
  /** Every task is a member of it; it admits nobody. */
  readonly memberGroupId: pulumi.Output<string>;
  readonly secrets: SecretStore;
  readonly files: FileBucket;
  readonly fileSystem: FileSystem;
  /** ARN of the key that encrypts what is stored; undefined: AWS's own. */
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly rollout: RolloutArgs;
  /** Whether ECS's own proxy serves every port, too. */
  readonly serviceConnect: boolean;
  readonly deletionProtection: boolean;
  readonly agentImage: pulumi.Input<string>;
  /** `Name` and whose it is; a workload's own parts name that, too. */
  tags(name: pulumi.Input<string>, workload?: string): Record<string, pulumi.Input<string>>;
  /** Short name of a value's content that tells nothing of it, also where it is a secret. */
  digest(value: pulumi.Input<unknown>): pulumi.Output<string>;
  /** Options of a resource of this platform, so that nothing lands in another region. */
  options(parent: pulumi.Resource, more?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
}

export interface Namespace {
  id: pulumi.Output<string>;
  arn: pulumi.Output<string>;
  name: string;
}

/** Processor of the tasks. */
export type Architecture = "x86_64" | "arm64";

export interface LogSettings {
  retentionDays: number;
}

/** ARN of something in the platform's own region and account. */
export function arnOf(host: EcsHost, service: string, resource: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.interpolate`arn:${host.partition}:${service}:${host.region}:${host.accountId}:${resource}`;
}
