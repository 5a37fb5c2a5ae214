import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "@aws-sdk/client-ecs";
import { partsOf } from "./task-parts";

const startedAt = new Date("2026-01-02T03:04:05Z");

function task(id: string, stack: string, containers: Task["containers"]): Task {
  return {
    taskArn: `arn:aws:ecs:eu-central-1:111122223333:task/shop/${id}`,
    taskDefinitionArn: "arn:aws:ecs:eu-central-1:111122223333:task-definition/shop-users:3",
    lastStatus: "RUNNING",
    startedAt,
    tags: [
      { key: "flotilla:stack", value: stack },
      { key: "flotilla:workload", value: "users" },
    ],
    containers,
  };
}

test("the containers of a stack's own tasks are told, each with what its state means", () => {
  const own = task("0123456789abcdef", "shop/prod", [
    { name: "main", lastStatus: "RUNNING", healthStatus: "HEALTHY" },
    { name: "agent-files", lastStatus: "STOPPED", exitCode: 0 },
    { name: "broken", lastStatus: "STOPPED", exitCode: 3, reason: "OutOfMemory" },
    { name: "late", lastStatus: "PENDING" },
    { name: "sick", lastStatus: "RUNNING", healthStatus: "UNHEALTHY" },
    { name: "unasked", lastStatus: "RUNNING", healthStatus: "UNKNOWN" },
  ]);
  const parts = partsOf([own, task("fedcba", "shop/other", [{ name: "main" }])], "shop/prod");
  assert.deepEqual(
    parts.map(({ role, state, condition }) => [role, state, condition]),
    [
      ["agent-files", "exited (0)", "done"],
      ["broken", "exited (3): OutOfMemory", "failing"],
      ["late", "pending", "starting"],
      ["main", "healthy", "fine"],
      ["sick", "unhealthy", "failing"],
      ["unasked", "running", "fine"],
    ],
  );
  const { id, workload, replica, startedAt: since, task: name } = parts[3]!;
  assert.deepEqual(
    [id, workload, replica, since, name],
    ["0123456789abcdef/main", "users", "01234567", startedAt, "0123456789abcdef"],
  );
});
