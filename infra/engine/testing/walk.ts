/**
 * Walks a stack through its life again and again, each time with every run killed one moment later.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import type { Lifecycle, Run } from "./lifecycle";
import type { TestStack } from "./test-stack";

const SCRIPT = path.join(__dirname, "killed-run.ts");
const LOADER = path.join(__dirname, "..", "host", "transpile.cjs");
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * Does a run in a process of its own, which dies at the point; answers the points of one that comes to its end.
 *
 * @param module the file that exports the `lifecycle`
 */
export async function runUntil(
  module: string,
  stack: TestStack,
  run: Run,
  killAt: number,
): Promise<string[] | undefined> {
  const { directory, journaledResources = "" } = stack;
  const args = [module, directory, run, String(killAt), String(journaledResources)];
  const child = spawn(process.execPath, ["--require", LOADER, SCRIPT, ...args]);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  if (code === 0) return JSON.parse(stdout);
  assert.equal(signal, "SIGKILL", `${run}, point ${killAt}: ${stderr}`);
  return undefined;
}

export interface Walk {
  module: string;
  lifecycle: Lifecycle;
  /** All that there is then, but for ids and times. */
  end(stack: TestStack): Promise<unknown>;
}

const LIFE: Run[] = ["create", "change", "refresh", "destroy"];

/**
 * Goes through the life of a stack for the kill points `first`, `first + step` and so on until no run has one any more;
 * answers how many kills there were.
 */
export async function walkThroughLife(
  { module, lifecycle, end }: Walk,
  stack: TestStack,
  first: number,
  step: number,
): Promise<number> {
  lifecycle.prepare(stack);
  const ends = new Map<Run, unknown>();
  for (const run of LIFE) {
    await lifecycle.runs[run](stack);
    assert.deepEqual(stack.errors, [], run);
    ends.set(run, await end(stack));
  }
  let kills = 0;
  for (let killAt = first, killed = 1; killed > 0; killAt += step, kills += killed) {
    killed = 0;
    for (const run of LIFE) {
      const where = `${run}, killed at ${killAt}`;
      if (!(await runUntil(module, stack, run, killAt))) killed++;
      await lifecycle.runs[run](stack);
      assert.deepEqual([stack.errors, await end(stack)], [[], ends.get(run)], where);
      await lifecycle.runs[run](stack);
      assert.deepEqual([stack.errors, stack.steps], [[], []], `${where}, once more`);
      assert.equal(stack.stored().pending_operations, undefined, where);
    }
  }
  return kills;
}
