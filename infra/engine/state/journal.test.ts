import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { secret } from "../wire/values";
import { BackendLayout } from "./backend";
import type { PendingOperation, ResourceRecord } from "./records";
import { StateStore } from "./store";

let directory: string;
let layout: BackendLayout;
let resources: ResourceRecord[];
let pendingOperations: PendingOperation[];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-journal-"));
  layout = new BackendLayout(`file://${directory}`, "p", "s");
  layout.prepare();
  resources = ["a", "b", "c", "d"].map(record);
  pendingOperations = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const record = (name: string): ResourceRecord => ({
  ...{ urn: name, custom: true, type: "fake:index:Thing", inputs: { size: 1 }, outputs: {} },
});
const open = () => new StateStore(layout, "correct horse", undefined, 3);
const state = () => ({ resources: [...resources], pendingOperations: [...pendingOperations] });
const files = () => readdirSync(path.dirname(layout.checkpointFile));
const journalFile = () => {
  const [name] = files().filter((each) => each.endsWith(".journal"));
  return path.join(path.dirname(layout.checkpointFile), name);
};

suite("the journal of a large state", () => {
  test("has no secret in plain text, of a pending operation neither", async () => {
    const store = open();
    await store.save(state);
    const password = secret({ deep: ["sword-fish"] });
    pendingOperations.push({ type: "creating", resource: { ...record("e"), inputs: { password } } });
    resources.push({ ...record("f"), outputs: { password } });
    await store.save(state);
    for (const name of files()) {
      const text = readFileSync(path.join(path.dirname(layout.checkpointFile), name), "utf8");
      assert.doesNotMatch(text, /sword-fish/);
    }
    assert.deepEqual(open().load(), state());
  });

  test("has a line for each write, of what has changed; a reader sees the state at any time", async () => {
    const store = open();
    await store.save(state);
    const sizes = [readFileSync(journalFile()).length];
    for (const change of [
      () => pendingOperations.push({ type: "creating", resource: record("e") }),
      () => resources.splice(1, 0, record("e")),
      () => pendingOperations.pop(),
      () => Object.assign(resources[2], { delete: true }),
      () => resources.splice(3, 1),
      () => resources.reverse(),
      () => resources.sort((one, other) => one.urn.localeCompare(other.urn)),
      () => delete resources[1].delete,
      () => resources.push({ ...record("f"), outputs: { password: secret("swordfish") } }),
    ]) {
      change();
      await store.save(state);
      assert.deepEqual(open().load(), state());
      sizes.push(readFileSync(journalFile()).length);
    }
    const text = readFileSync(journalFile(), "utf8");
    assert.equal(text.split("\n").length, sizes.length + 1);
    assert.ok(!text.includes("swordfish"));
    const { version, features } = JSON.parse(readFileSync(layout.checkpointFile, "utf8"));
    assert.deepEqual([version, features], [4, ["flotillaJournal"]]); // which Pulumi's CLI refuses
    await store.complete(state);
    assert.deepEqual(files(), ["s.json"]);
    assert.equal(JSON.parse(readFileSync(layout.checkpointFile, "utf8")).version, 3);
    assert.deepEqual(open().load(), state());
  });

  test("a line takes no more when there is more", async () => {
    const growth = async (count: number) => {
      resources = Array.from({ length: count }, (_, index) => record(`r${index}`));
      const store = open();
      await store.save(state);
      const before = readFileSync(journalFile()).length;
      resources.splice(5, 1, record("r5"));
      await store.save(state);
      const grown = readFileSync(journalFile()).length - before;
      await store.complete(state);
      return grown;
    };
    assert.ok((await growth(1000)) - (await growth(10)) < 10);
  });

  test("what a crash cut off at its end is left out; the next run brings the rest into the checkpoint", async () => {
    await open().save(state);
    const before = state();
    const [line] = readFileSync(journalFile(), "utf8").split("\n");
    for (const torn of [line.slice(0, 30), line.slice(0, -1), `${"\0".repeat(40)}\n`]) {
      const whole = readFileSync(journalFile(), "utf8");
      appendFileSync(journalFile(), torn);
      assert.deepEqual(open().load(), before);
      writeFileSync(journalFile(), whole);
    }
    appendFileSync(journalFile(), line.slice(0, 30));
    const next = open();
    next.fold();
    assert.deepEqual([files(), next.load()], [["s.json"], before]);
    resources.pop();
    await next.save(state);
    await next.save(state);
    assert.deepEqual(open().load(), state());
  });

  test("one that is damaged or missing is refused, with the way back", async () => {
    const first = open();
    await first.save(state);
    await first.complete(state);
    first.recordUpdate({
      kind: "update",
      startTime: 1,
      endTime: 2,
      result: "succeeded",
      resourceChanges: {},
    });
    await open().save(state);
    const text = readFileSync(journalFile(), "utf8");
    writeFileSync(journalFile(), `${text.replace("size", "sise")}${text}`);
    assert.throws(
      () => open().load(),
      /\.journal is damaged in line 1\. Its last good copy is of .*, with 4 resources\./,
    );
    rmSync(journalFile());
    assert.throws(
      () => open().load(),
      /s\.json is without its journal .* To go back to it: cp '.*\.checkpoint\.json' '.*s\.json'/,
    );
  });

  test("a write that fails is made up for by the next one", async () => {
    const store = open();
    await store.save(state);
    const { journal } = store as unknown as {
      journal: { handle: { appendFile(text: string): Promise<void> } };
    };
    const { handle } = journal;
    const append = handle.appendFile.bind(handle);
    handle.appendFile = async (text) => {
      await append(text.slice(0, 20));
      throw new Error("no space left");
    };
    resources.pop();
    await assert.rejects(store.save(state), /no space left/);
    assert.equal(open().load().resources.length, 4);
    await store.save(state);
    assert.deepEqual(open().load(), state());
    await store.complete(state);
    assert.equal(existsSync(layout.checkpointFile), true);
    assert.deepEqual(
      files().filter((name) => name.endsWith(".journal")),
      [],
    );
  });
});
