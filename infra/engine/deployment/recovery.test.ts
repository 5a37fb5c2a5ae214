import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
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

/** Leaves a state as a run does that is killed during an operation. */
function interrupt(stack: TestStack, type: string, name: string): void {
  const file = stack.layout.checkpointFile;
  const stored = JSON.parse(readFileSync(file, "utf8"));
  const { latest } = stored.checkpoint;
  const resource = latest.resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`));
  latest.pending_operations = [{ resource, type }];
  writeFileSync(file, JSON.stringify(stored));
}

suite("a run that was killed in the middle of another operation", () => {
  const things = async ({ thing }: TestProgram) => {
    await thing("first", { value: 1 });
    await thing("second", { value: 1 });
  };

  test("an update that was done is undone by a program that wants none", async () => {
    const stack = new TestStack();
    await stack.up(things);
    interrupt(stack, "updating", "second");
    stack.cloud.tamper((objects) => Object.assign(objects["second-2"].inputs, { value: 2 }));
    await stack.up(things);
    assert.deepEqual([stack.errors, stack.cloud.calls], [[], ["update second-2"]]);
    assert.equal((await stack.cloud.read({} as never, "second-2"))?.inputs.value, 1);
    stack.remove();
  });

  test("a delete that was done is made up for by a program that wants the resource", async () => {
    const stack = new TestStack();
    await stack.up(things);
    interrupt(stack, "deleting", "second");
    stack.cloud.tamper((objects) => delete objects["second-2"]);
    await stack.up(things);
    assert.deepEqual([stack.errors, stack.cloud.calls], [[], ["create second-3"]]);
    stack.remove();
  });

  test("a provider that cannot be asked what a create has made: a warning, until a refresh", async () => {
    const stack = new TestStack();
    stack.cloud.recover = undefined;
    await stack.up(things);
    interrupt(stack, "creating", "second");
    for (let run = 0; run < 2; run++) {
      await stack.up(things);
      assert.deepEqual(stack.warnings, [
        "second: An earlier run was cut off while it made this, and its provider cannot say whether it exists. If it does, delete it by hand, or take it over by `import`; refresh clears this warning.",
      ]);
    }
    await stack.refresh();
    await stack.up(things);
    assert.deepEqual([stack.warnings, stack.steps], [[], []]);
    stack.remove();
  });

  test("no write of the state shows a resource as there once its deletion is done and noted", async () => {
    const stack = new TestStack();
    await stack.up(things);
    const shown: string[] = [];
    stack.onWrite = ({ resources, pendingOperations }) => {
      const ids = stack.cloud.ids();
      for (const { id, type, urn, pendingReplacement } of resources) {
        const isGone = type === "fake:index:Thing" && !ids.includes(id!) && !pendingReplacement;
        if (isGone && !pendingOperations.some(({ resource }) => resource.urn === urn)) shown.push(urn);
      }
    };
    await stack.destroy();
    assert.deepEqual([stack.cloud.ids(), shown], [[], []]);
    stack.remove();
  });
});
