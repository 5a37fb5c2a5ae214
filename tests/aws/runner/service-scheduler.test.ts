import assert from "node:assert/strict";
import { test } from "node:test";
import { type Scheduled, ServiceScheduler } from "./service-scheduler";
import type { Service } from "./task-definition";

interface NamedTask extends Scheduled {
  name: string;
}

function task(name: string, definition: string, more: Partial<Scheduled> = {}): NamedTask {
  const well = { isHealthy: true, isUnhealthy: false, isStopping: false, hasFailed: false };
  return { name, definition: { taskDefinitionArn: definition }, startedAt: 0, ...well, ...more };
}

function service(taskDefinition: string, desiredCount: number, more: Partial<Service> = {}): Service {
  const names = { serviceArn: "arn", serviceName: "web", clusterArn: "one", status: "ACTIVE" };
  return { ...names, taskDefinition, desiredCount, ...more };
}

const recreate = { deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 } };
const young = { isHealthy: false };

test("tasks start and stop by the minimum and maximum that the service has", () => {
  const table: [string, Service, NamedTask[], number, string[]][] = [
    ["from nothing", service("b", 2), [], 2, []],
    ["all is well", service("b", 2), [task("1", "b"), task("2", "b")], 0, []],
    ["new ones beside the old", service("b", 2), [task("1", "a"), task("2", "a")], 2, []],
    [
      "an old one goes for each new one that is healthy",
      service("b", 2),
      [task("1", "a"), task("2", "a"), task("3", "b"), task("4", "b", young)],
      0,
      ["1"],
    ],
    ["old ones first", service("b", 1, recreate), [task("1", "a")], 0, ["1"]],
    ["until they are gone", service("b", 1, recreate), [task("1", "a", { isStopping: true })], 0, []],
    ["fewer", service("b", 1), [task("1", "b"), task("2", "b", { startedAt: 1 })], 0, ["2"]],
    ["a sick one", service("b", 1), [task("1", "b", { isUnhealthy: true, isHealthy: false })], 1, ["1"]],
    ["none at all", service("b", 0), [task("1", "b")], 0, ["1"]],
  ];
  for (const [name, wanted, tasks, start, stop] of table) {
    const plan = new ServiceScheduler<NamedTask>().plan(wanted, tasks, 0);
    assert.equal(plan.start, start, name);
    assert.deepEqual(
      plan.stop.map((one) => one.task.name),
      stop,
      name,
    );
  }
});

test("after three tasks that never got healthy, the circuit breaker goes back to what worked", () => {
  const breaker = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } };
  const scheduler = new ServiceScheduler<NamedTask>();
  const old = task("1", "a");
  scheduler.plan(service("a", 1, breaker), [old], 0);
  assert.equal(scheduler.deployments(service("a", 1, breaker), [old], 0)[0]!.rolloutState, "COMPLETED");
  for (const [failed, definition, state] of [
    [0, "b", "IN_PROGRESS"],
    [2, "b", "IN_PROGRESS"],
    [3, "a", "FAILED"],
  ] as const) {
    scheduler.plan(service("b", 1, breaker), [old], failed);
    assert.equal(scheduler.definition, definition);
    assert.equal(scheduler.deployments(service("b", 1, breaker), [old], failed)[0]!.rolloutState, state);
  }
});
