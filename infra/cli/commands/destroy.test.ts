import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { runProgram } from "../program";
import { fakeContext, inspected, partLabels } from "../testing";
import { commands } from "./table";

const times = (lines: string[]) => lines.map((line) => line.replace(/in [\d.]+ s/, "in TIME"));
const main = inspected("users-main", partLabels("users", 1, "main"), { Status: "running" });

const data = {
  Name: "shop-dev-redis-1-data",
  Labels: { "flotilla.volume": "data", "flotilla.workload": "redis", "flotilla.replica": "1" },
};

test("destroy names the volumes, destroys, and leaves nothing", async (t) => {
  const daemon = { volumes: [data, { Name: "files", Labels: {} }] };
  const { context, output, engine } = fakeContext(t, daemon);
  engine.meanwhile = () => {
    // What an earlier --keep-data left is in no state: the engine does not delete it.
    daemon.volumes = [data];
  };
  await runProgram(commands, ["up"], context);
  output.text = "";
  engine.outcome = { succeeded: true, counts: { delete: 9 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["destroy"], context), 0);
  assert.deepEqual(times(output.lines), [
    "Engine: embedded (it made this stack)",
    "Deletes 1 volume with data:",
    "  shop-dev-redis-1-data (redis/1 data)",
    "Destroying shop/dev",
    "Done in TIME: 9 deleted",
  ]);
  assert.equal(engine.runs[1]!.verb, "destroy");
  assert.equal(engine.runs[1]!.keepData, false);
  assert.deepEqual(daemon.volumes, []);
  assert.deepEqual(engine.removed, ["dev"]);
  assert.equal(readFileSync(path.join(context.directory, ".flotilla/engines.json"), "utf8"), "{}\n");
});

test("destroy --keep-data keeps the volumes with data, and says so", async (t) => {
  const daemon = { volumes: [data] };
  const { context, output, engine } = fakeContext(t, daemon);
  assert.equal(await runProgram(commands, ["destroy", "--keep-data"], context), 0);
  assert.deepEqual(output.lines.slice(1, 3), [
    "Keeps 1 volume with data:",
    "  shop-dev-redis-1-data (redis/1 data)",
  ]);
  assert.equal(engine.runs[0]!.keepData, true);
  assert.deepEqual(daemon.volumes, [data]);
});

test("destroy fails when something of the stack is left", async (t) => {
  const { context, errors, engine } = fakeContext(t, {
    containers: { "users-main": main },
    networks: [{ Name: "shop-dev" }],
    volumes: [{ Name: "files", Labels: {} }],
    images: [
      { Id: "sha256:1", RepoTags: ["users:1"] },
      { Id: "sha256:2", RepoTags: null },
    ],
  });
  assert.equal(await runProgram(commands, ["destroy"], context), 1);
  assert.deepEqual(errors.lines, [
    "These of shop/dev are still there:",
    "  container users-main",
    "  network shop-dev",
    "  volume files",
    "  image users:1",
    "  image sha256:2",
  ]);
  assert.deepEqual(engine.removed, ["dev"]);
});

test("a failed destroy keeps the stack, for another try", async (t) => {
  const { context, engine } = fakeContext(t);
  engine.outcome = { succeeded: false, counts: {}, diagnostics: [] };
  assert.equal(await runProgram(commands, ["destroy"], context), 1);
  assert.deepEqual(engine.removed, []);
});
