import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContainerState, endOf, startable, stoppable } from "./container-order";
import type { ContainerDefinition } from "./task-definition";

const RUNNING: ContainerState = { running: true, health: "none" };
const HEALTHY: ContainerState = { running: true, health: "healthy" };
const DONE: ContainerState = { running: false, exitCode: 0, health: "none" };

const definitions: ContainerDefinition[] = [
  { name: "files", image: "agent", essential: false },
  { name: "proxy", image: "agent", dependsOn: [{ containerName: "files", condition: "SUCCESS" }] },
  {
    name: "main",
    image: "main",
    dependsOn: [
      { containerName: "files", condition: "SUCCESS" },
      { containerName: "proxy", condition: "HEALTHY" },
    ],
  },
  { name: "register", image: "agent", dependsOn: [{ containerName: "main", condition: "START" }] },
];

const names = (found: ContainerDefinition[]) => found.map(({ name }) => name);
const states = (given: Record<string, ContainerState>) => new Map(Object.entries(given));

test("containers start as their conditions come true, and stop the other way round", () => {
  const table: [Record<string, ContainerState>, string[], string[]][] = [
    [{}, ["files"], []],
    [{ files: RUNNING }, [], ["files"]],
    [{ files: DONE }, ["proxy"], []],
    [{ files: DONE, proxy: RUNNING }, [], ["proxy"]],
    [{ files: DONE, proxy: HEALTHY }, ["main"], ["proxy"]],
    [{ files: DONE, proxy: HEALTHY, main: RUNNING }, ["register"], ["main"]],
    [{ files: DONE, proxy: HEALTHY, main: RUNNING, register: RUNNING }, [], ["register"]],
  ];
  for (const [given, starts, stops] of table) {
    assert.deepEqual(names(startable(definitions, states(given))), starts, JSON.stringify(given));
    assert.deepEqual(names(stoppable(definitions, states(given))), stops, JSON.stringify(given));
  }
});

test("a task ends with its first essential container, with one that is unhealthy, and when a condition cannot come true", () => {
  const failed: ContainerState = { running: false, exitCode: 3, health: "none" };
  const table: [Record<string, ContainerState>, string | undefined][] = [
    [{ files: DONE, proxy: HEALTHY, main: RUNNING }, undefined],
    [{ files: failed }, "proxy waits in vain for files, which ended with 3"],
    [{ files: DONE, proxy: HEALTHY, main: DONE }, "Essential container main exited with 0"],
    [{ files: DONE, proxy: { running: true, health: "unhealthy" } }, "Container proxy is unhealthy"],
  ];
  for (const [given, expected] of table) {
    assert.equal(endOf(definitions, states(given)), expected);
  }
});
