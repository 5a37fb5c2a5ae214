import type { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import { arnOf, type EcsHost } from "./host";
import { repositoryArn } from "./image-repositories";
import { LONGEST, limited } from "./names";
import { policyDocument, type Statement, trustPolicy } from "./policy";

/** A role with what it may do. */
export interface GrantedRole {
  role: Role;
  /** What must be there before something takes the role; empty where it may do nothing. */
  policies: RolePolicy[];
}

/** What a task needs of AWS before its containers start. */
export interface StartNeeds {
  images: pulumi.Input<string>[];
  logGroup: LogGroup;
  /** To read its secrets. */
  secrets: Statement[];
}

/** The role with which ECS itself starts a task: its own images, its own log group and its own secrets. */
export function executionRole(
  host: EcsHost,
  name: string,
  needs: StartNeeds,
  parent: pulumi.Resource,
): GrantedRole {
  const repositories = pulumi
    .all(needs.images)
    .apply((images) => [...new Set(images)].flatMap((image) => repositoryArn(host.partition, image) ?? []))
    .apply((arns) => pulumi.all(arns))
    .apply((arns) => [...new Set(arns)].sort());
  return grantedRole(
    host,
    `${name}-execution`,
    name,
    tasksTrust(host),
    [
      // AWS has no resource for it: the token is for all repositories, and reads none of them by itself.
      { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
      {
        actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources: repositories,
      },
      {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [pulumi.interpolate`${needs.logGroup.arn}:*`],
      },
      ...needs.secrets,
    ],
    parent,
  );
}

/** The role that a task's containers have while they run. */
export function taskRole(
  host: EcsHost,
  name: string,
  statements: Statement[],
  parent: pulumi.Resource,
): GrantedRole {
  return grantedRole(host, `${name}-task`, name, tasksTrust(host), statements, parent);
}

export function grantedRole(
  host: EcsHost,
  resource: string,
  workload: string,
  assumeRolePolicy: pulumi.Output<string>,
  statements: Statement[],
  parent: pulumi.Resource,
): GrantedRole {
  const name = limited(`${host.prefix}-${resource}`, LONGEST.role);
  const options = host.options(parent);
  const role = new Role(
    `${resource}-role`,
    { name, assumeRolePolicy, tags: host.tags(name, workload) },
    options,
  );
  const policies =
    statements.length === 0
      ? []
      : [
          new RolePolicy(
            `${resource}-policy`,
            { name: "flotilla", role: role.name, policy: policyDocument(statements) },
            options,
          ),
        ];
  return { role, policies };
}

/** ECS takes the role for tasks of this account and region alone. */
function tasksTrust(host: EcsHost): pulumi.Output<string> {
  return trustPolicy("ecs-tasks.amazonaws.com", {
    StringEquals: { "aws:SourceAccount": host.accountId },
    ArnLike: { "aws:SourceArn": arnOf(host, "ecs", "*") },
  });
}
