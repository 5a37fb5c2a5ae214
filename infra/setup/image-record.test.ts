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
const { DOCKER_HOST } = process.env;
beforeEach(() => {
  process.env.DOCKER_HOST = "tcp://a:1";
  forgetDecisions();
});
after(() => {
  fs.rmSync(folder, { recursive: true });
  if (DOCKER_HOST === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = DOCKER_HOST;
});

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
  assert.deepEqual(readDecision("A"), { ...decision("one"), address: "tcp://a:1" });
  assert.deepEqual(fs.readdirSync(path.join(folder, "flotilla")), ["images.json"]);
});

test("Each daemon keeps its own decision, and stacks see that of the daemon in use", () => {
  writeDecision("A", decision("one"));
  process.env.DOCKER_HOST = "tcp://b:1";
  assert.deepEqual(readImageRecord(), {});
  writeDecision("B", decision("two"));
  assert.deepEqual(readImageRecord(), { redis: "two" });
  process.env.DOCKER_HOST = "tcp://a:1";
  assert.deepEqual(readImageRecord(), { redis: "one" });
});

test("A daemon that was made anew at the same address has a decision of its own", () => {
  writeDecision("A", decision("one"));
  writeDecision("B", decision("two"));
  assert.deepEqual(readImageRecord(), { redis: "two" });
  assert.deepEqual(readDecision("A"), decision("one"));
  writeDecision("A", decision("three"));
  assert.deepEqual(readImageRecord(), { redis: "three" });
});
