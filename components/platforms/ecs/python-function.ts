import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function";
import * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "./host";
import { LONGEST, limited } from "./names";
import { type Statement, trustPolicy } from "./policy";
import { grantedRole } from "./roles";
import type { EcsWorkload } from "./workload";

/** A small program that AWS runs when it is called. */
export interface PythonFunctionArgs {
  description: string;
  /** Text of its only module, which has a function `handler`. */
  program: string;
  /** What it may do, beside writing its own log. */
  statements: Statement[];
  /** 1 to 900. */
  timeoutSeconds: number;
}

/** Does for a workload what no resource of AWS does. */
export function pythonFunction(
  host: EcsHost,
  workload: EcsWorkload,
  resource: string,
  { description, program, statements, timeoutSeconds }: PythonFunctionArgs,
): LambdaFunction {
  const name = limited(`${host.prefix}-${resource}`, LONGEST.function);
  const logs = new LogGroup(
    `${resource}-logs`,
    {
      name: `/aws/lambda/${name}`,
      retentionInDays: host.logs.retentionDays,
      kmsKeyId: host.kmsKeyArn,
      tags: host.tags(name, workload.name),
    },
    host.options(workload),
  );
  const ownLog = {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [pulumi.interpolate`${logs.arn}:*`],
  };
  const { role, policies } = grantedRole(
    host,
    resource,
    workload.name,
    trustPolicy("lambda.amazonaws.com"),
    [...statements, ownLog],
    workload,
  );
  return new LambdaFunction(
    resource,
    {
      name,
      description,
      runtime: "python3.13",
      handler: "index.handler",
      role: role.arn,
      timeout: timeoutSeconds,
      memorySize: 128,
      architectures: [host.architecture === "arm64" ? "arm64" : "x86_64"],
      code: new pulumi.asset.AssetArchive({ "index.py": new pulumi.asset.StringAsset(program) }),
      tags: host.tags(name, workload.name),
    },
    host.options(workload, { dependsOn: [logs, ...policies] }),
  );
}
