import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PassThrough } from "node:stream";
import { test } from "node:test";
import { runProgram } from "../program";
import { fakeContext } from "../testing";
import { commands } from "./table";

const url = (name: string) => `**::${name}`;

test("stack ls lists the project's own stacks, also as JSON", async (t) => {
  const { context, output, engine } = fakeContext(t);
  engine.listed = [
    { name: "dev", lastUpdate: "2026-01-01T10:00:00Z", resourceCount: 86 },
    { name: "new" },
    { name: "organization/other/dev" },
  ];
  assert.equal(await runProgram(commands, ["stack", "ls"], context), 0);
  assert.deepEqual(output.lines, [
    "STACK  RESOURCES  LAST UPDATE",
    "dev    86         2026-01-01T10:00:00Z",
    "new    -          -",
  ]);
  output.text = "";
  await runProgram(commands, ["stack", "ls", "--json"], context);
  assert.deepEqual(JSON.parse(output.text), engine.listed.slice(0, 2));
});

test("stack rm forgets a stack and who made it", async (t) => {
  const { context, output, engine } = fakeContext(t);
  await runProgram(commands, ["up"], context);
  assert.equal(await runProgram(commands, ["stack", "rm"], context), 0);
  assert.equal(await runProgram(commands, ["stack", "rm", "--stack", "blue", "--force"], context), 0);
  assert.deepEqual(engine.removed, ["dev", "blue by force"]);
  assert.equal(output.lines.at(-1), "Forgot shop/blue");
  assert.equal(readFileSync(path.join(context.directory, ".flotilla/engines.json"), "utf8"), "{}\n");
});

test("a state goes out to a file for its owner alone, and comes in again", async (t) => {
  const { context, output, errors, engine } = fakeContext(t);
  engine.state = { version: 3, deployment: { resources: [1] } };
  const file = path.join(context.directory, "state.json");
  assert.equal(await runProgram(commands, ["stack", "export", "--file", file, "--version", "2"], context), 0);
  assert.deepEqual(engine.asked, [{ showSecrets: false, version: 2 }]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await runProgram(commands, ["stack", "export", "--show-secrets"], context);
  assert.deepEqual(JSON.parse(output.text.slice(output.text.indexOf("{"))), engine.state);

  engine.state = { version: 3, deployment: {} };
  output.text = "";
  assert.equal(await runProgram(commands, ["stack", "import", "--file", file, "--force"], context), 0);
  assert.deepEqual(engine.state, { version: 3, deployment: { resources: [1] } });
  assert.deepEqual(output.lines, ["warning: It is of another stack.", "Imported the state of shop/dev"]);

  (context.stdio.stdin as PassThrough).end('{"version":3,"deployment":{"piped":true}}');
  assert.equal(await runProgram(commands, ["stack", "import"], context), 0);
  assert.deepEqual(engine.state.deployment, { piped: true });
  writeFileSync(file, "{");
  assert.equal(await runProgram(commands, ["stack", "import", "--file", file], context), 1);
  assert.match(errors.lines[0]!, /state\.json is not valid JSON: /);
});

test("stack history has a line for each run", async (t) => {
  const { context, output, engine } = fakeContext(t);
  engine.runsBefore = [
    {
      ...{ version: 2, kind: "update", result: "failed", resourceChanges: { create: 1, same: 2 } },
      ...{ startedAt: new Date("2026-01-01T10:00:00Z"), endedAt: new Date("2026-01-01T10:01:23Z") },
    },
  ];
  assert.equal(await runProgram(commands, ["stack", "history"], context), 0);
  assert.deepEqual(output.lines, [
    "VERSION  KIND    RESULT  STARTED                   TOOK        RESOURCES",
    "2        update  failed  2026-01-01T10:00:00.000Z  1 min 23 s  1 create, 2 same",
  ]);
});

test("stack change-secrets-provider takes the new passphrase from its input, and says what to do from now on", async (t) => {
  const { context, output, engine } = fakeContext(t);
  (context.stdio.stdin as PassThrough).end("a new one \n");
  assert.equal(await runProgram(commands, ["stack", "change-secrets-provider", "passphrase"], context), 0);
  assert.deepEqual(engine.asked, [{ provider: "passphrase", newPassphrase: "a new one" }]);
  assert.deepEqual(output.lines, [
    "Sealed the secrets of shop/dev anew. Its history and backups are as they were.",
    "From now on, set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the new passphrase for this stack.",
  ]);
});

test("at a terminal the new passphrase is asked for twice, and shown never", async (t) => {
  const answers = async (...lines: string[]) => {
    const { context, output, errors, engine } = fakeContext(t);
    Object.assign(context.stdio.stdin, { isTTY: true });
    Object.assign(context.stdio.stdout, { isTTY: true });
    const stdin = context.stdio.stdin as PassThrough;
    const running = runProgram(commands, ["stack", "change-secrets-provider", "passphrase"], context);
    for (const line of lines) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      stdin.write(`${line}\n`);
    }
    return { code: await running, shown: output.text, told: errors.lines, asked: engine.asked };
  };
  const { shown, ...changed } = await answers("a new one", "a new one");
  assert.deepEqual(changed, {
    code: 0,
    told: [],
    asked: [{ provider: "passphrase", newPassphrase: "a new one" }],
  });
  assert.match(shown, /^New passphrase: \nOnce more: \nSealed the secrets/);
  const { shown: _, ...refused } = await answers("a new one", "another");
  assert.deepEqual(refused, { code: 1, told: ["The two are not the same. Nothing was changed."], asked: [] });
  assert.deepEqual((await answers("", "")).told, ["The new passphrase is empty. Nothing was changed."]);
});

test("a group is no command by itself, and tells what it has", async (t) => {
  const { context, output, errors } = fakeContext(t);
  assert.equal(await runProgram(commands, ["stack", "mv"], context), 2);
  assert.equal(
    errors.lines[0],
    'Write one of ls, rm, export, import, change-secrets-provider, history, got "mv".',
  );
  assert.equal(errors.lines[2], "Usage: flotilla stack ls|rm|export|import|change-secrets-provider|history");
  assert.equal(await runProgram(commands, ["help", "stack", "ls"], context), 0);
  assert.equal(output.lines[0], "Usage: flotilla stack ls [options]");
});

test("cancel takes the lock off", async (t) => {
  const { context, output, engine } = fakeContext(t);
  assert.equal(await runProgram(commands, ["cancel"], context), 0);
  assert.deepEqual(engine.cancelled, ["dev"]);
  assert.deepEqual(output.lines, ["shop/dev is not locked"]);
});

test("a run is about the targets, or all but the excluded", async (t) => {
  const { context, errors, engine } = fakeContext(t);
  const targets = [
    "--target",
    "users-1",
    "--target",
    "urn:pulumi:dev::shop::a:b:C::x",
    "--target-dependents",
  ];
  assert.equal(await runProgram(commands, ["up", ...targets], context), 0);
  assert.equal(await runProgram(commands, ["refresh", "--exclude", "users-*"], context), 0);
  const asked = engine.runs.map(({ verb, ...run }) => ({
    ...{ verb, targets: run.targets, targetDependents: run.targetDependents },
    ...{ excludes: run.excludes, excludeDependents: run.excludeDependents },
  }));
  assert.deepEqual(asked, [
    {
      ...{ verb: "up", targets: [url("users-1"), "urn:pulumi:dev::shop::a:b:C::x"], targetDependents: true },
      ...{ excludes: [], excludeDependents: false },
    },
    {
      ...{ verb: "refresh", targets: [], targetDependents: false },
      ...{ excludes: [url("users-*")], excludeDependents: false },
    },
  ]);
  assert.equal(await runProgram(commands, ["preview", "--target", "a", "--exclude", "b"], context), 2);
  assert.equal(errors.lines[0], "--target and --exclude do not go together. Leave one of them out.");
});

test("--parallel bounds how many resources are worked on at once, and the engine has its default without it", async (t) => {
  const { context, errors, engine } = fakeContext(t);
  for (const verb of ["up", "preview", "refresh", "destroy"]) {
    assert.equal(await runProgram(commands, [verb, "--parallel", "3"], context), 0);
  }
  assert.equal(await runProgram(commands, ["up"], context), 0);
  assert.deepEqual(
    engine.runs.map(({ verb, parallel }) => [verb, parallel]),
    [
      ["up", 3],
      ["preview", 3],
      ["refresh", 3],
      ["destroy", 3],
      ["up", undefined],
    ],
  );
  assert.equal(await runProgram(commands, ["up", "--parallel", "none"], context), 2);
  assert.equal(errors.lines[0], '--parallel must be a whole number from 1 to 9999, got "none".');
});

test("destroy of a target leaves the stack and its volumes", async (t) => {
  const volume = { Name: "kept", Labels: { "flotilla.volume": "data" } };
  const daemon = { volumes: [volume] };
  const { context, engine } = fakeContext(t, daemon);
  assert.equal(await runProgram(commands, ["destroy", "--target", "users-1"], context), 0);
  assert.deepEqual(engine.removed, []);
  assert.deepEqual(daemon.volumes, [volume]);
});

test("changes that nobody expected make an up fail, whatever the engine says", async (t) => {
  const { context, output, engine } = fakeContext(t);
  engine.outcome = { succeeded: true, counts: { create: 1, same: 4 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["up", "--expect-no-changes"], context), 1);
  assert.equal(output.lines[2], "error: There was 1 change, and --expect-no-changes was given.");
  engine.outcome = { succeeded: true, counts: { same: 5 }, diagnostics: [] };
  assert.equal(await runProgram(commands, ["up", "--expect-no-changes"], context), 0);
});

test("preview --json prints one object, whose secrets are masked by the engine", async (t) => {
  const { context, output, engine } = fakeContext(t);
  const about = { urn: "urn:pulumi:dev::shop::a:b:C::x", type: "a:b:C", name: "x" };
  const changes = [{ path: "image", kind: "update", old: "a", new: "b" } as const];
  engine.events = [
    { kind: "step-started", operation: "update", ...about },
    {
      kind: "step-finished",
      operation: "update",
      ...about,
      id: "1",
      durationMs: 3,
      changedKeys: [],
      changes,
    },
    { kind: "step-finished", operation: "same", ...about, durationMs: 3, changedKeys: [], changes: [] },
    { kind: "diagnostic", severity: "warning", message: "careful" },
  ];
  engine.outcome = {
    ...{ succeeded: true, counts: { update: 1, same: 1 } },
    diagnostics: [{ severity: "warning", message: "careful" }],
  };
  assert.equal(await runProgram(commands, ["preview", "--json"], context), 0);
  assert.deepEqual(JSON.parse(output.text), {
    ...{ version: 1, stack: "shop/dev", engine: "embedded", succeeded: true, counts: { update: 1, same: 1 } },
    steps: [{ operation: "update", ...about, id: "1", changes }],
    diagnostics: [{ severity: "warning", message: "careful" }],
  });
});
