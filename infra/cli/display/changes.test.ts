import assert from "node:assert/strict";
import { test } from "node:test";
import { type FinishedStep, formatChange, formatStep } from "./changes";

const painter = { style: (_: string, text: string) => text };
const step = (operation: FinishedStep["operation"], changes: FinishedStep["changes"]): FinishedStep => ({
  ...{ kind: "step-finished", operation, changes, changedKeys: ["image"] },
  ...{ urn: "urn:pulumi:dev::shop::docker:index/container:Container::users-1", durationMs: 1 },
  ...{ type: "docker:index/container:Container", name: "users-1" },
});

test("a changed resource shows each property with its old and its new value", () => {
  const changes: FinishedStep["changes"] = [
    { path: "image", kind: "update-replace", old: "a", new: "b" },
    { path: "envs[0]", kind: "add", new: "[secret]" },
    { path: 'labels["a.b"]', kind: "delete", old: "x" },
    { path: "memory", kind: "update", old: 1, new: "[unknown]" },
    { path: "ports", kind: "add-replace", new: [{ internal: 80 }] },
  ];
  assert.deepEqual(formatStep(step("replace", changes), painter, false), [
    "+- docker:Container users-1",
    '     +- image: "a" => "b"  (asks for a new one)',
    "      + envs[0]: [secret]",
    '      - labels["a.b"]: "x"',
    "      ~ memory: 1 => [unknown]",
    '      + ports: [{"internal":80}]  (asks for a new one)',
  ]);
});

test("what is made or deleted shows its properties only when they are asked for", () => {
  const made = step("create", [{ path: "image", kind: "add", new: "a" }]);
  assert.deepEqual(formatStep(made, painter, false), [" + docker:Container users-1"]);
  assert.deepEqual(formatStep(made, painter, true), [" + docker:Container users-1", '      + image: "a"']);
});

test("an engine that knows only the keys has them shown", () => {
  assert.deepEqual(formatStep(step("update", []), painter, false), [" ~ docker:Container users-1 [image]"]);
});

test("a long value is cut", () => {
  const line = formatChange({ path: "a", kind: "add", new: "x".repeat(500) }, painter);
  assert.equal(line, `      + a: "${"x".repeat(118)}…`);
});
