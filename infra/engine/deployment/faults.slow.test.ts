import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, suite, test } from "node:test";
import { type TestProgram, TestStack } from "../testing/test-stack";

const SIZE_KIB = 256;
let folder: string;
let mounted = false;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "flotilla-faults-"));
  mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_KIB}k`, "tmpfs", folder]).status === 0;
});
after(() => {
  if (mounted) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true });
});

const things = async ({ thing }: TestProgram) => {
  await thing("first");
  await thing("second");
};

/** A stack whose state, and only that, is on the small file system. */
function stackOnMount(name: string): TestStack {
  const stack = new TestStack(path.join(folder, name));
  stack.cloud.moveTo(mkdtempSync(path.join(tmpdir(), "flotilla-cloud-")));
  return stack;
}

suite("a state on a file system", () => {
  test("that is full: the run ends with a sentence, and the next one goes on once there is room", async (t) => {
    if (!mounted) return t.skip("no file system can be mounted here");
    const stack = stackOnMount("full");
    const filler = path.join(folder, "filler");
    const message = /s\.json cannot be written: the disk is full\. Make room, then run it again\./;
    const run = stack.up(async ({ thing }) => {
      await thing("first");
      assert.throws(() => writeFileSync(filler, "x".repeat(2 * SIZE_KIB * 1024)), { code: "ENOSPC" });
      await thing("second", { value: "x".repeat(4096) });
    });
    await assert.rejects(run, message);
    assert.deepEqual(stack.cloud.ids(), ["first-1"]); // nothing is made that could not be noted
    assert.deepEqual(stack.storedThings(), ["first-1"]);
    await assert.rejects(stack.up(things), /cannot be written: the disk is full/);
    rmSync(filler);
    await stack.up(things);
    assert.deepEqual([stack.errors, stack.storedThings()], [[], ["first-1", "second-2"]]);
    assert.deepEqual(readdirSync(stack.layout.lockDirectory), []);
  });

  test("that is read-only: refused before anything happens; a preview goes on", async (t) => {
    if (!mounted) return t.skip("no file system can be mounted here");
    const stack = stackOnMount("read-only");
    await stack.up(things);
    const remount = (mode: string) => spawnSync("mount", ["-o", `remount,${mode}`, folder]).status;
    assert.equal(remount("ro"), 0);
    try {
      await assert.rejects(
        stack.destroy(),
        /cannot be written: the file system is read-only\. Mount it for writing, then run it again\./,
      );
      assert.deepEqual(stack.cloud.ids(), ["first-1", "second-2"]);
      await stack.up(things, { preview: true });
      assert.deepEqual([stack.errors, stack.steps], [[], []]);
    } finally {
      remount("rw");
    }
    await stack.destroy();
    assert.deepEqual([stack.errors, stack.cloud.ids()], [[], []]);
  });
});

test("a clock that goes back: the history keeps its order, and no run is lost in it", async (t) => {
  const stack = new TestStack();
  const now = Date.now();
  t.mock.timers.enable({ apis: ["Date"], now });
  await stack.up(things);
  t.mock.timers.setTime(now - 3_600_000);
  await stack.refresh();
  await stack.destroy();
  const files = readdirSync(stack.layout.historyDirectory).filter((name) => name.endsWith(".history.json"));
  assert.equal(files.length, 3);
  assert.deepEqual(stack.kinds(), ["destroy", "refresh", "update"]);
  assert.deepEqual([stack.errors, stack.cloud.ids()], [[], []]);
  stack.remove();
});
