import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { EngineEvent } from "../../engine/events";
import { runProgram } from "../program";
import { fakeContext, frame, inspected, partLabels } from "../testing";
import { commands } from "./table";

const times = (lines: string[]) => lines.map((line) => line.replace(/in [\d.]+ s/, "in TIME"));
const embedded = "Engine: embedded (no Pulumi CLI is on the PATH)";
const failing = inspected("users-main", partLabels("users", 1, "main"), { Status: "exited", ExitCode: 3 });

test("up makes the machine ready, runs the engine, and prints the URLs", async (t) => {
  const { context, output, errors, engine, setUp } = fakeContext(t);
  engine.outcome = { succeeded: true, counts: { create: 3 }, diagnostics: [] };
  engine.stackOutputs = {
    url: { value: "http://127.0.0.1:8080", secret: false },
    password: { value: "p", secret: true },
  };
  assert.equal(await runProgram(commands, ["up"], context), 0);
  assert.deepEqual(setUp, ["docker", "images"]);
  assert.deepEqual(times(output.lines), [
    embedded,
    "Updating shop/dev",
    "Done in TIME: 3 created",
    "  url       http://127.0.0.1:8080",
    "  password  [secret]",
  ]);
  assert.equal(errors.text, "");
  const { verb, stack, backendUrl } = engine.runs[0]!;
  assert.deepEqual(
    { verb, stack, backendUrl },
    { verb: "up", stack: "dev", backendUrl: `file://${context.directory}/.flotilla/state` },
  );
  const record = readFileSync(path.join(context.directory, ".flotilla/engines.json"), "utf8");
  assert.deepEqual(JSON.parse(record), { dev: "embedded" });
});

test("a second up says aloud that nothing changed", async (t) => {
  const { context, output, engine } = fakeContext(t);
  engine.outcome = { succeeded: true, counts: { same: 34 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["up"], context), 0);
  assert.equal(times(output.lines)[2], "Done in TIME: 0 changes, 34 unchanged");
});

test("up on a daemon of another machine says whose URLs they are", async (t) => {
  const { context, output, engine } = fakeContext(t);
  context.daemonUrl = () => "ssh://me@server";
  assert.equal(await runProgram(commands, ["up"], context), 0);
  const warning = "warning: Docker runs on server, so a URL with 127.0.0.1 is that machine's own.";
  assert.equal(output.lines.at(-1), warning);
  engine.outcome = { succeeded: false, counts: {}, diagnostics: [] };
  assert.equal(await runProgram(commands, ["up"], context), 1);
  assert.equal(output.lines.filter((line) => line === warning).length, 1);
});

test("up of an unknown target names the known ones", async (t) => {
  const { context, errors, engine, configuration, setUp } = fakeContext(t);
  configuration.values["flotilla:target"] = { value: "mesos", secret: false };
  assert.equal(await runProgram(commands, ["up"], context), 1);
  assert.deepEqual(errors.lines, ['flotilla:target is "mesos". Write one of docker, kubernetes, ecs.']);
  assert.deepEqual(setUp, []);
  assert.equal(engine.runs.length, 0);
});

test("up of a stack without configuration says where to begin", async (t) => {
  const { context, errors, engine, configuration } = fakeContext(t);
  delete configuration.values["flotilla:target"];
  assert.equal(await runProgram(commands, ["up", "--stack", "blue"], context), 1);
  assert.deepEqual(errors.lines, [
    "Pulumi.blue.yaml names no flotilla:target. Start from a copy of Pulumi.dev.yaml, with a flotilla:settings.httpPort of its own.",
  ]);
  assert.equal(engine.runs.length, 0);
});

test("up finds a taken port before it makes anything", async (t) => {
  const { context, errors, engine } = fakeContext(t);
  context.setup.findPortHolders = async ([address]) => [{ ...address!, holder: "nginx" }];
  assert.equal(await runProgram(commands, ["up"], context), 1);
  assert.match(errors.text, /^Port 8080 of this machine is taken by nginx\./);
  assert.equal(engine.runs.length, 0);
  assert.equal(existsSync(path.join(context.directory, ".flotilla/engines.json")), false);
});

test("a failed up shows its diagnostics once, and the containers at fault", async (t) => {
  const logs = { "users-main": frame(2, "2026-01-01T10:00:00.000000001Z boom\n") };
  const { context, output, engine } = fakeContext(t, { containers: { "users-main": failing }, logs });
  const diagnostic = { severity: "error", message: "users is broken" } as const;
  engine.events = [{ kind: "diagnostic", ...diagnostic }];
  engine.outcome = { succeeded: false, counts: { create: 1 }, diagnostics: [diagnostic] };
  assert.equal(await runProgram(commands, ["up"], context), 1);
  assert.deepEqual(times(output.lines).slice(2), [
    "error: users is broken",
    "users/1 main (container users-main) is exited (3)",
    "  last log lines:",
    "    boom",
    "Failed in TIME: 1 created",
  ]);
});

test("Ctrl-C aborts the engine's signal, is announced, and ends with 130", async (t) => {
  const { context, output, engine, ended } = fakeContext(t, { containers: { "users-main": failing } });
  engine.meanwhile = ({ signal }) => {
    context.interruption.receive("SIGINT");
    assert.equal(signal.aborted, true);
    engine.outcome = { succeeded: false, counts: { create: 1 }, diagnostics: [] };
  };
  assert.equal(await runProgram(commands, ["up"], context), 130);
  assert.deepEqual(times(output.lines).slice(2), [
    "info: stopping: running steps end, nothing new starts; Ctrl-C again stops at once",
    "Interrupted in TIME: 1 created",
  ]);
  assert.deepEqual(ended, []);
});

const foreseen: EngineEvent[] = (["create", "same", "update"] as const).map((operation, index) => ({
  kind: "step-finished",
  operation,
  urn: `urn:${index}`,
  type: "docker:index/container:Container",
  name: `users-${index}`,
  durationMs: 1,
  changedKeys: operation === "update" ? ["image", "envs"] : [],
  changes: [],
}));

test("preview lists what would change, and is no failure", async (t) => {
  const { context, output, engine, setUp } = fakeContext(t);
  engine.events = foreseen;
  engine.outcome = { succeeded: true, counts: { create: 1, same: 1, update: 1 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["preview"], context), 0);
  assert.deepEqual(output.lines, [
    embedded,
    "Previewing shop/dev",
    " + docker:Container users-0",
    " ~ docker:Container users-2 [image, envs]",
    "Preview of shop/dev: 1 to create, 1 to update, 1 unchanged",
  ]);
  assert.deepEqual(setUp, ["docker", "images"]);
  assert.equal(existsSync(path.join(context.directory, ".flotilla/engines.json")), false);
});

test("preview --expect-no-changes fails when there are any", async (t) => {
  const { context, output, engine } = fakeContext(t);
  engine.outcome = { succeeded: true, counts: { create: 1 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["preview", "--expect-no-changes"], context), 1);
  assert.equal(output.lines[2], "error: There would be 1 change, and --expect-no-changes was given.");
  engine.outcome = { succeeded: true, counts: { same: 1 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["preview", "--expect-no-changes"], context), 0);
});

test("refresh runs the engine", async (t) => {
  const { context, output, engine } = fakeContext(t);
  engine.outcome = { succeeded: true, counts: { refresh: 4 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["refresh"], context), 0);
  assert.equal(engine.runs[0]!.verb, "refresh");
  assert.equal(times(output.lines).at(-1), "Done in TIME: 0 changes, 4 refreshed");
});

test("outputs hide secrets unless they are asked for", async (t) => {
  const { context, output, errors, engine } = fakeContext(t);
  assert.equal(await runProgram(commands, ["outputs"], context), 1);
  assert.deepEqual(errors.lines, ["There is no stack shop/dev. Make it: npx flotilla up --stack dev"]);
  engine.stackOutputs = {
    ports: { value: [80, 81], secret: false },
    password: { value: "p", secret: true },
  };
  await runProgram(commands, ["outputs"], context);
  assert.deepEqual(output.lines, ["ports     [80,81]", "password  [secret]"]);
  output.text = "";
  await runProgram(commands, ["outputs", "--json"], context);
  assert.deepEqual(JSON.parse(output.text), { ports: [80, 81], password: "[secret]" });
  output.text = "";
  await runProgram(commands, ["outputs", "--json", "--show-secrets"], context);
  assert.deepEqual(JSON.parse(output.text), { ports: [80, 81], password: "p" });
});

test("clean and images-pin tell what they did", async (t) => {
  const { context, output } = fakeContext(t);
  context.setup.cleanStandIns = async () => ["flotilla.local/stand-in/redis:7-1234"];
  context.setup.pinImages = async () => ({ redis: "sha256:1", envoy: "sha256:2" });
  assert.equal(await runProgram(commands, ["clean"], context), 0);
  assert.equal(await runProgram(commands, ["images-pin"], context), 0);
  assert.deepEqual(output.lines, [
    "  - flotilla.local/stand-in/redis:7-1234",
    "Removed 1 stand-in image",
    "redis  sha256:1",
    "envoy  sha256:2",
  ]);
});
