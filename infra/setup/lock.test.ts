import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { withLock } from "./lock.js";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-lock-"));
after(() => fs.rmSync(folder, { recursive: true }));

test("The lock is there while the work is done, and gone after it", async () => {
  const file = path.join(folder, "made/for/it.lock");
  const held = await withLock(file, async () => fs.readFileSync(file, "utf8"));
  assert.equal(held, String(process.pid));
  assert.equal(fs.existsSync(file), false);
});

test("The lock is given back by work that fails", async () => {
  const file = path.join(folder, "failing.lock");
  await assert.rejects(
    withLock(file, async () => {
      throw new Error("no");
    }),
    { message: "no" },
  );
  assert.equal(fs.existsSync(file), false);
});

test("Work waits for the lock of a living process", async () => {
  const file = path.join(folder, "busy.lock");
  const order: string[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = withLock(file, async () => {
    await released;
    order.push("first");
  });
  const second = withLock(file, async () => order.push("second"));
  release();
  await Promise.all([first, second]);
  assert.deepEqual(order, ["first", "second"]);
});

test("The lock of a process that has died is taken over", async () => {
  const file = path.join(folder, "dead.lock");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  fs.writeFileSync(file, String(pid));
  assert.equal(await withLock(file, async () => fs.readFileSync(file, "utf8")), String(process.pid));
  assert.deepEqual(
    fs.readdirSync(folder).filter((name) => name.startsWith("dead")),
    [],
  );
});
