import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, beforeEach, test } from "node:test";
import {
  forgetDecisions,
  type ImageDecision,
  readDecision,
  readImageRecord,
  writeDecision,
} from "./image-record";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-record-"));
process.env.XDG_CACHE_HOME = folder;
beforeEach(forgetDecisions);
after(() => fs.rmSync(folder, { recursive: true }));

const decision = (redis: string): ImageDecision => ({
  decidedAt: "2026-11-22T19:00:00.000Z",
  origin: "stand-in",
  references: { redis },
});

test("Nothing is recorded before the first decision", () => {
  assert.deepEqual(readImageRecord(), {});
  assert.equal(readDecision("A"), undefined);
});

test("A decision is recorded in the user's cache, and nothing beside it", () => {
  writeDecision("A", decision("one"));
  assert.deepEqual(readImageRecord(), { redis: "one" });
  assert.deepEqual(readDecision("A"), decision("one"));
  assert.deepEqual(fs.readdirSync(path.join(folder, "flotilla")), ["images.json"]);
});

test("Each daemon keeps its own decision; the one used last is what stacks see", () => {
  writeDecision("A", decision("one"));
  writeDecision("B", decision("two"));
  assert.deepEqual(readImageRecord(), { redis: "two" });
  writeDecision("A", decision("three"));
  assert.deepEqual(readImageRecord(), { redis: "three" });
  assert.deepEqual(readDecision("B"), decision("two"));
});
