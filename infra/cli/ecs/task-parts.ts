/** Tasks of ECS as the command line shows them. */
import type { Container, Task } from "@aws-sdk/client-ecs";
import { byPlace, type Part } from "../targets/target";

/** On everything that the platform makes: `<project>/<stack>`, and whose it is. */
export const stackTag = "flotilla:stack";
export const workloadTag = "flotilla:workload";

export interface TaskPart extends Part {
  taskDefinition: string;
  task: string;
}

/** The containers of a stack's tasks, sorted. */
export function partsOf(tasks: Task[], stack: string): TaskPart[] {
  return tasks
    .filter((task) => tagOf(task.tags, stackTag) === stack)
    .flatMap((task) => (task.containers ?? []).map((container) => partOf(task, container)))
    .sort(byPlace);
}

export function tagOf(tags: { key?: string; value?: string }[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.key === key)?.value;
}

function partOf(task: Task, container: Container): TaskPart {
  const id = task.taskArn!.split("/").at(-1)!;
  return {
    id: `${id}/${container.name}`,
    name: `${id}/${container.name}`,
    workload: tagOf(task.tags, workloadTag) ?? task.group ?? id,
    replica: id.slice(0, 8),
    role: container.name!,
    ...stateOf(task, container),
    startedAt: container.lastStatus === "RUNNING" ? task.startedAt : undefined,
    ports: [],
    taskDefinition: task.taskDefinitionArn!,
    task: id,
  };
}

function stateOf(task: Task, container: Container): Pick<Part, "state" | "condition"> {
  const { lastStatus, healthStatus, exitCode } = container;
  if (lastStatus === "STOPPED") {
    const why = container.reason ?? (task.lastStatus === "STOPPED" ? task.stoppedReason : undefined);
    const state = `exited (${exitCode ?? "never started"})${why === undefined ? "" : `: ${why}`}`;
    return { state, condition: exitCode === 0 ? "done" : "failing" };
  }
  if (lastStatus !== "RUNNING") {
    return { state: (lastStatus ?? "PENDING").toLowerCase(), condition: "starting" };
  }
  if (healthStatus === "HEALTHY") {
    return { state: "healthy", condition: "fine" };
  }
  if (healthStatus === "UNHEALTHY") {
    return { state: "unhealthy", condition: "failing" };
  }
  return { state: "running", condition: "fine" };
}
