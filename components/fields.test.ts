import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import {
  checkFilePath,
  checkFolderPath,
  checkImageReference,
  checkName,
  checkPort,
  checkUnique,
  checkWhole,
} from "./fields";
import type { Problems } from "./problems";

/** Runs one check over a table of values and what is said of each; undefined means that it is accepted. */
function table<T>(
  check: (problems: Problems, path: string, value: T) => void,
  rows: [T, string | undefined][],
): void {
  for (const [value, message] of rows) {
    const expected = message === undefined ? [] : [`x ${message}`];
    assert.deepEqual(
      problemsOf((problems) => check(problems, "x", value)),
      expected,
      JSON.stringify(value),
    );
  }
}

test("names are DNS labels of at most 40 characters", () => {
  const rule = "must be lower-case letters, digits and dashes, starting with a letter";
  table(checkName, [
    ["users", undefined],
    ["a", undefined],
    ["users-2", undefined],
    ["a".repeat(40), undefined],
    ["a".repeat(41), `must have at most 40 characters, got "${"a".repeat(41)}". Shorten it.`],
    ["Users", `${rule}, got "Users". Write "users".`],
    ["2users", `${rule}, got "2users". Write "users".`],
    ["users_v2", `${rule}, got "users_v2". Write "users-v2".`],
    ["users-", `${rule}, got "users-". Write "users".`],
    ["-users", `${rule}, got "-users". Write "users".`],
    ["Ünique Name!", `${rule}, got "Ünique Name!". Write "nique-name".`],
    ["", `${rule}, got "". Write "users".`],
    ["7", `${rule}, got "7". Write "users".`],
  ]);
});

test("whole numbers lie in their range, and the nearest good one is proposed", () => {
  const range = { min: 1, max: 10, unit: "seconds" };
  const rule = "must be a whole number from 1 to 10 seconds";
  table<number | undefined>(
    (problems, path, value) => checkWhole(problems, path, value, range),
    [
      [undefined, undefined],
      [1, undefined],
      [10, undefined],
      [0, `${rule}, got 0. Write 1.`],
      [-3, `${rule}, got -3. Write 1.`],
      [11, `${rule}, got 11. Write 10.`],
      [2.4, `${rule}, got 2.4. Write 2.`],
      [Number.NaN, `${rule}, got NaN. Write 1.`],
      [Number.POSITIVE_INFINITY, `${rule}, got Infinity. Write 10.`],
    ],
  );
  const bare = problemsOf((problems) => checkWhole(problems, "x", -1, { min: 0, max: 3, unit: "" }));
  assert.deepEqual(bare, ["x must be a whole number from 0 to 3, got -1. Write 0."]);
});

test("ports leave out the agent's own", () => {
  const reserved = "must not be one of the agent's ports (15000 to 15099)";
  table(checkPort, [
    [1, undefined],
    [14999, undefined],
    [15100, undefined],
    [65535, undefined],
    [0, "must be a whole number from 1 to 65535, got 0. Write 1."],
    [65536, "must be a whole number from 1 to 65535, got 65536. Write 65535."],
    [15000, `${reserved}, got 15000. Write 8080.`],
    [15099, `${reserved}, got 15099. Write 8080.`],
  ]);
});

test("a file has an absolute path, in a folder, with one spelling", () => {
  const rule = "must be an absolute path of a file";
  const fix = 'Write one like "/etc/app/config.yaml".';
  table(checkFilePath, [
    ["/etc/app.yaml", undefined],
    ["/etc/app/..data", undefined],
    ["app.yaml", `${rule}, got "app.yaml". ${fix}`],
    ["/etc/", `${rule}, got "/etc/". ${fix}`],
    ["/etc/../app.yaml", `${rule}, got "/etc/../app.yaml". ${fix}`],
    ["/etc/./app.yaml", `${rule}, got "/etc/./app.yaml". ${fix}`],
    ["//app.yaml", `${rule}, got "//app.yaml". ${fix}`],
    ["/", `${rule}, got "/". ${fix}`],
    ["", `${rule}, got "". ${fix}`],
    ["/app.yaml", 'must lie in a folder, got "/app.yaml". Write "/etc/app.yaml".'],
  ]);
});

test("a folder has an absolute path other than the root, with one spelling", () => {
  const rule = 'must be an absolute path other than "/"';
  const fix = 'Write one like "/var/lib/app".';
  table(checkFolderPath, [
    ["/data", undefined],
    ["/var/lib/app", undefined],
    ["/", `${rule}, got "/". ${fix}`],
    ["/data/", `${rule}, got "/data/". ${fix}`],
    ["/.", `${rule}, got "/.". ${fix}`],
    ["/data/..", `${rule}, got "/data/..". ${fix}`],
    ["data", `${rule}, got "data". ${fix}`],
    ["", `${rule}, got "". ${fix}`],
  ]);
});

test("an image names its version", () => {
  const rule = "must name a version";
  table(checkImageReference, [
    ["redis:7.4", undefined],
    ["localhost:5000/redis:7.4", undefined],
    ["redis@sha256:0123", undefined],
    ["redis:latest@sha256:0123", undefined],
    ["redis", `${rule}, got "redis". Write "redis:<version>" or "redis@sha256:<digest>".`],
    ["redis:latest", `${rule}, got "redis:latest". Write "redis:<version>" or "redis@sha256:<digest>".`],
    [
      "localhost:5000/redis",
      `${rule}, got "localhost:5000/redis". Write "localhost:5000/redis:<version>" or "localhost:5000/redis@sha256:<digest>".`,
    ],
  ]);
});

test("every repetition of a name is told, at its place", () => {
  const names = ["a", "b", "a", "a"].map((value, index) => ({ path: `list[${index}].name`, value }));
  assert.deepEqual(
    problemsOf((problems) => checkUnique(problems, names)),
    [
      'list[2].name must not repeat an earlier one, got "a". Give it another name.',
      'list[3].name must not repeat an earlier one, got "a". Give it another name.',
    ],
  );
});
