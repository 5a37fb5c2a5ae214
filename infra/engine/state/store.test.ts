import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { BackendLayout } from "./backend";
import type { ResourceRecord } from "./records";
import { StateStore } from "./store";

let directory: string;
let layout: BackendLayout;
let store: StateStore;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-store-"));
  layout = new BackendLayout(`file://${directory}`, "p", "s");
  layout.prepare();
  store = new StateStore(layout, "correct horse", undefined);
});
afterEach(() => rmSync(directory, { recursive: true }));

function record(name: string): ResourceRecord {
  return { urn: name, custom: true, type: "fake:index:Thing", inputs: {}, outputs: {} };
}

function snapshot(...names: string[]) {
  return () => ({ resources: names.map(record), pendingOperations: [] });
}

test("lies where Pulumi looks for it", async () => {
  await store.save(snapshot("a"));
  assert.equal(readFileSync(path.join(directory, ".pulumi/meta.yaml"), "utf8"), "version: 1\n");
  const file = path.join(directory, ".pulumi/stacks/p/s.json");
  assert.equal(JSON.parse(readFileSync(file, "utf8")).checkpoint.stack, "organization/p/s");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(store.load().resources, [record("a")]);
});

test("callers that come while a write is under way share the next one", async () => {
  let writes = 0;
  const counted = () => {
    writes++;
    return snapshot("a")();
  };
  await Promise.all(Array.from({ length: 20 }, () => store.save(counted)));
  assert.equal(writes, 1);
  await Promise.all([store.save(counted), store.save(counted)]);
  assert.equal(writes, 2);
});

test("a state that would be inconsistent is not written", async () => {
  await store.save(snapshot("a"));
  await assert.rejects(store.save(snapshot("b", "b")), /so it was not written: b is there twice/);
  assert.deepEqual(store.load().resources, [record("a")]);
  await store.save(snapshot("c")); // and the store goes on
  assert.deepEqual(store.load().resources, [record("c")]);
});

test("keeps the state before the run, and the history of runs", async () => {
  await store.save(snapshot("a"));
  const second = new StateStore(layout, "correct horse", undefined);
  await second.save(snapshot("a", "b"));
  await second.save(snapshot("a", "b", "c"));
  const backup = JSON.parse(readFileSync(`${layout.checkpointFile}.bak`, "utf8"));
  assert.equal(backup.checkpoint.latest.resources.length, 1);
  second.recordUpdate({
    kind: "update",
    startTime: 1,
    endTime: 2,
    result: "succeeded",
    resourceChanges: { create: 1 },
  });
  const names = readdirSync(layout.historyDirectory);
  assert.deepEqual(
    names.map((name) => name.replace(/\d+/, "N")),
    ["s-N.checkpoint.json", "s-N.history.json"],
  );
  const info = JSON.parse(readFileSync(path.join(layout.historyDirectory, names[1]), "utf8"));
  assert.deepEqual([info.kind, info.result, info.resourceChanges], ["update", "succeeded", { create: 1 }]);
  assert.equal(readdirSync(layout.backupDirectory).length, 1);
  layout.removeFiles();
  assert.deepEqual([existsSync(layout.checkpointFile), existsSync(layout.historyDirectory)], [false, false]);
});

test("refuses a compressed state, a layout of another version, and another kind of backend", () => {
  writeFileSync(`${layout.checkpointFile}.gz`, "");
  assert.throws(() => store.load(), { message: /s\.json\.gz is compressed\. Decompress it to / });
  writeFileSync(path.join(directory, ".pulumi/meta.yaml"), "version: 0\n");
  assert.throws(
    () => layout.prepare(),
    /has version 0, and the embedded engine knows 1\. Run "pulumi state upgrade"/,
  );
  assert.throws(
    () => new BackendLayout("s3://bucket", "p", "s"),
    /keeps state in files only, got the backend "s3:/,
  );
});

test("a backend may be in the home folder", () => {
  const home = new BackendLayout("file://~", "p", "s").checkpointFile;
  assert.equal(home, path.join(process.env.HOME ?? "", ".pulumi/stacks/p/s.json"));
});
