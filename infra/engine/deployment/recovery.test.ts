import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { suite, test } from "node:test";
import { type TestProgram, TestStack } from "../testing/test-stack";

const CRASHING_RUN = path.join(__dirname, "..", "testing", "crashing-run.ts");

function crash(when: "before" | "after"): TestStack {
  const stack = new TestStack();
  const args = ["--require", "tsx/cjs", CRASHING_RUN, stack.directory, when];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(signal, "SIGKILL", stderr);
  assert.deepEqual(stack.storedThings(), ["first-1"]);
  return stack;
}

const program = async ({ thing }: TestProgram) => {
  await thing("first");
  await thing("second");
};

suite("a run that was killed in the middle of a create", () => {
  test("has left nothing behind when the create had not happened", async () => {
    const stack = crash("before");
    assert.deepEqual(stack.cloud.ids(), ["first-1"]);
    await stack.up(program);
    assert.deepEqual([stack.errors, stack.steps], [[], ["create second"]]);
    assert.equal(stack.stored().pending_operations, undefined);
    stack.remove();
  });

  test("has made something that the next run finds, and finishes by an update", async () => {
    const stack = crash("after");
    assert.deepEqual(stack.cloud.ids(), ["first-1", "second-2"]);
    await stack.up(program, { preview: true });
    assert.deepEqual(stack.steps, ["update second"]);
    await stack.up(program);
    assert.deepEqual(
      [stack.errors, stack.steps, stack.cloud.calls],
      [[], ["update second"], ["update second-2"]],
    );
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2"]);
    assert.equal(stack.stored().pending_operations, undefined);
    stack.remove();
  });

  test("has made something that destroy deletes", async () => {
    const stack = crash("after");
    await stack.destroy();
    assert.deepEqual([stack.errors, stack.cloud.ids()], [[], []]);
    stack.remove();
  });
});
