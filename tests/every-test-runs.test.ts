/** A file of tests that no script runs holds nothing. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

const ROOT = path.resolve(__dirname, "..");
const FOLDERS = "{components,infra,stacks,tests}";

/** The patterns of test files that a text names. */
const patternsIn = (text: string): string[] => text.match(/[\w{},*@()|./-]+\.test\.ts\b/g) ?? [];

const filesOf = (patterns: string[]): string[] => fs.globSync(patterns, { cwd: ROOT });

test("every file of tests is run by a script", () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const together = filesOf(["tests/together/*.test.cjs"]).map((file) => {
    return fs.readFileSync(path.join(ROOT, file), "utf8");
  });
  // Those of a kind, which has a script of its own, are left out of the unit tests.
  const unit = filesOf(together.flatMap(patternsIn)).filter((file) => {
    return /^[^.]+(\.mocks)?\.test\.ts$/.test(path.basename(file));
  });
  const ran = new Set([...unit, ...filesOf(Object.values<string>(scripts).flatMap(patternsIn))]);
  const forgotten = filesOf([`${FOLDERS}/**/*.test.ts`]).filter((file) => !ran.has(file));
  assert.deepEqual(forgotten, []);
});
