import type { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition";
import * as pulumi from "@pulumi/pulumi";
import type { EcsWorkload } from "./workload";

/** A task that is run to its end. */
export interface OneOffTask {
  name: string;
  definition: TaskDefinition;
}

/** Runs tasks to their end, once for each definition. */
export class OneOffTasks {
  run(
    workload: EcsWorkload,
    tasks: OneOffTask[],
    _needed: pulumi.Resource[],
    _admissions: Promise<pulumi.Resource[]>,
  ): pulumi.Resource[] {
    if (tasks.length > 0) {
      throw new pulumi.RunError(`Microservice "${workload.name}": tasks cannot be run on ECS yet`);
    }
    return [];
  }
}
