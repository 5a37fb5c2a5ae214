import type { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition";
import type { Function as LambdaFunction } from "@pulumi/aws/lambda/function";
import { Invocation } from "@pulumi/aws/lambda/invocation";
import * as pulumi from "@pulumi/pulumi";
import { arnOf, type EcsHost } from "./host";
import { pythonFunction } from "./python-function";
import type { EcsWorkload } from "./workload";

/** A task that is run to its end. */
export interface OneOffTask {
  /** Unique within the platform. */
  name: string;
  definition: TaskDefinition;
}

/** What Lambda gives a function at most, less what it needs itself. */
const LONGEST_SECONDS = 900;

/**
 * Runs tasks to their end, once for each definition, before what needs them. No resource of AWS runs a task and waits for it;
 * a small function does, which a workload with tasks gets.
 */
export function runOneOffTasks(
  host: EcsHost,
  workload: EcsWorkload,
  tasks: OneOffTask[],
  roles: pulumi.Output<string>[],
  needed: Promise<pulumi.Resource[]>,
): Invocation[] {
  if (tasks.length === 0) {
    return [];
  }
  const runner = runnerFunction(host, workload, tasks, roles);
  const invocations: Invocation[] = [];
  for (const { name, definition } of tasks) {
    const input = pulumi.jsonStringify({
      cluster: host.clusterArn,
      taskDefinition: definition.arn,
      capacityProviderStrategy: host.capacity.strategies.slice(0, 1),
      subnets: host.network.privateSubnetIds,
      securityGroups: [host.memberGroupId, workload.groupId],
      logGroup: workload.logGroup.name,
    });
    const before = invocations.slice(-1);
    const invocation = new Invocation(
      `${name}-run`,
      { functionName: runner.name, input, triggers: { definition: definition.arn } },
      host.options(workload, {
        dependsOn: together(needed, before),
        customTimeouts: { create: "16m", update: "16m" },
      }),
    );
    invocations.push(invocation);
  }
  return invocations;
}

async function together(
  needed: Promise<pulumi.Resource[]>,
  more: pulumi.Resource[],
): Promise<pulumi.Resource[]> {
  return [...(await needed), ...more];
}

function runnerFunction(
  host: EcsHost,
  workload: EcsWorkload,
  tasks: OneOffTask[],
  roles: pulumi.Output<string>[],
): LambdaFunction {
  const families = tasks.map(({ definition }) => {
    return arnOf(host, "ecs", pulumi.interpolate`task-definition/${definition.family}:*`);
  });
  const sameCluster = { ArnEquals: { "ecs:cluster": host.clusterArn } };
  return pythonFunction(host, workload, `${workload.name}-runner`, {
    description: `Runs the one-off tasks of ${workload.name}`,
    program: PROGRAM,
    timeoutSeconds: LONGEST_SECONDS,
    statements: [
      { actions: ["ecs:RunTask"], resources: families, conditions: sameCluster },
      {
        actions: ["ecs:DescribeTasks", "ecs:StopTask"],
        resources: [arnOf(host, "ecs", pulumi.interpolate`task/${host.clusterName}/*`)],
        conditions: sameCluster,
      },
      {
        actions: ["iam:PassRole"],
        resources: roles,
        conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
      },
    ],
  });
}

/** Whatever a task does not end with 0 within the function's time fails the invocation, and so the update. */
const PROGRAM = `import time

import boto3

ecs = boto3.client("ecs")
RESERVE_MS = 20_000


def handler(event, context):
    started = ecs.run_task(
        cluster=event["cluster"],
        taskDefinition=event["taskDefinition"],
        capacityProviderStrategy=event["capacityProviderStrategy"],
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": event["subnets"],
                "securityGroups": event["securityGroups"],
                "assignPublicIp": "DISABLED",
            }
        },
        propagateTags="TASK_DEFINITION",
    )
    if started["failures"]:
        raise RuntimeError(f"The task could not be started: {started['failures']}")
    arn = started["tasks"][0]["taskArn"]
    while True:
        (task,) = ecs.describe_tasks(cluster=event["cluster"], tasks=[arn])["tasks"]
        if task["lastStatus"] == "STOPPED":
            break
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            ecs.stop_task(cluster=event["cluster"], task=arn, reason="It took too long")
            raise RuntimeError(f"The task did not end in time; its output is in {event['logGroup']}")
        time.sleep(2)
    codes = {container["name"]: container.get("exitCode") for container in task["containers"]}
    if any(code != 0 for code in codes.values()):
        reason = task.get("stoppedReason", "")
        raise RuntimeError(f"The task failed ({reason}, exit codes {codes}); its output is in {event['logGroup']}")
    return {"exitCodes": codes}
`;
