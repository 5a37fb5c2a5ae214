import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { test } from "node:test";

// In a process of their own: Node's test runner remembers every promise, and there are too many.
test("10,000 random programs and their edits keep every order, and come to what they say", () => {
  const script = path.join(__dirname, "..", "testing", "graphs", "play.ts");
  const transpile = path.join(__dirname, "..", "host", "transpile.cjs");
  const args = ["--require", transpile, script, "10000"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
