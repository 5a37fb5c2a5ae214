import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import type { EngineEvent } from "../../engine/events";
import { temporaryFolder } from "../testing";
import { PulumiEngine } from "./pulumi";

/** Stands for the CLI: answers from answers.json, and writes down how it was called. */
const program = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const { answers, fails, events } = JSON.parse(readFileSync(__dirname + "/answers.json", "utf8"));
// An old one, which writes its events to a file.
if (args[0] === "version") return console.log("v3.200.0");
const log = args.indexOf("--event-log");
if (log >= 0) {
  const summaryEvent = { resourceChanges: {} };
  const told = events.length > 0 ? [...events, { summaryEvent }] : [];
  for (const event of told) appendFileSync(args[log + 1], JSON.stringify(event) + "\\n");
  args.splice(log, 2);
  // The Automation API looks for them each 200 ms, and may take twice or lose what comes at the very end.
  if (told.length > 0) setTimeout(() => undefined, 600);
}
const line = args.join(" ").replace(" --exec-kind auto.local", "").replace(/ --non-interactive$/, "");
const input = line.startsWith("stack import") ? readFileSync(0, "utf8") : undefined;
const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_SKIP_UPDATE_CHECK, DOCKER_HOST } = process.env;
const environment = { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_SKIP_UPDATE_CHECK, DOCKER_HOST };
appendFileSync(__dirname + "/calls", JSON.stringify({ line, input, directory: process.cwd(), environment }) + "\\n");
if (answers[line]) console.log(JSON.stringify(answers[line]));
if (line.startsWith(fails)) { console.error("error: it is broken"); process.exitCode = 255; }
`;

interface Installed {
  answers: Record<string, unknown>;
  /** How the command lines begin that fail. */
  fails?: string;
  events?: object[];
}

function install(t: TestContext, { answers, fails = "never", events = [] }: Installed) {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, "pulumi"), program, { mode: 0o755 });
  writeFileSync(path.join(folder, "answers.json"), JSON.stringify({ answers, fails, events }));
  writeFileSync(path.join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  // The Automation API asks the CLI on our own PATH for its version.
  const { PATH } = process.env;
  process.env.PATH = folder;
  t.after(() => {
    process.env.PATH = PATH;
  });
  const engine = new PulumiEngine({ PATH: folder }, () => ({ DOCKER_HOST: "unix:///far" }));
  const location = { directory: folder, stack: "dev", backendUrl: "file:///state", passphrase: "secret" };
  const calls = () =>
    existsSync(path.join(folder, "calls"))
      ? readFileSync(path.join(folder, "calls"), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];
  const lines = () => calls().map(({ line }) => line);
  const seen: EngineEvent[] = [];
  const run = {
    ...location,
    signal: new AbortController().signal,
    onEvent: (event: EngineEvent) => void seen.push(event),
  };
  return { engine, location, run, calls, lines, folder, seen };
}

const exists = {
  "stack ls --json": [{ name: "organization/other/dev" }, { name: "dev" }],
  "stack export --stack dev": { deployment: {} },
  "stack export --stack dev --show-secrets --version 3": { deployment: {} },
};
const missing = { "stack ls --json": [{ name: "organization/other/dev" }] };

test("a stack that is missing is made first", async (t) => {
  const { engine, run, calls, lines, folder } = install(t, { answers: missing });
  assert.deepEqual(await engine.run({ ...run, verb: "up" }), {
    succeeded: true,
    counts: {},
    diagnostics: [],
  });
  assert.deepEqual(lines(), [
    "stack ls --json",
    "stack init dev --no-select",
    "up --yes --skip-preview --stack dev",
  ]);
  assert.equal(calls()[2].directory, folder);
  assert.deepEqual(calls()[2].environment, {
    PULUMI_BACKEND_URL: "file:///state",
    PULUMI_CONFIG_PASSPHRASE: "secret",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    DOCKER_HOST: "unix:///far",
  });
});

test("each verb has its command", async (t) => {
  const { engine, run, lines } = install(t, { answers: exists });
  await engine.run({ ...run, verb: "preview", targets: ["a"], targetDependents: true });
  await engine.run({ ...run, verb: "up", excludes: ["b"], replace: ["c"] });
  await engine.run({ ...run, verb: "preview", parallel: 3 });
  await engine.run({ ...run, verb: "refresh" });
  await engine.run({ ...run, verb: "destroy" });
  assert.deepEqual(
    lines().filter((line: string) => !line.startsWith("stack ")),
    [
      "preview --target a --target-dependents --stack dev",
      "up --yes --skip-preview --replace c --exclude b --stack dev",
      "preview --parallel 3 --stack dev",
      "refresh --skip-preview --yes --stack dev",
      "destroy --yes --skip-preview --stack dev",
    ],
  );
});

test("a container that failed at what it was to do once is replaced", async (t) => {
  const container = (urn: string, exitCode: number, more = {}, inputs = {}) => {
    const type = "docker:index/container:Container";
    return { urn, type, inputs: { attach: true, mustRun: false, ...inputs }, outputs: { exitCode }, ...more };
  };
  const { engine, run, lines } = install(t, {
    answers: {
      ...exists,
      "stack export --stack dev": {
        deployment: {
          resources: [
            { urn: "stack", type: "pulumi:pulumi:Stack" },
            container("failed", 1),
            container("done", 0),
            container("replaced", 1, { delete: true }),
            container("writer", 1, {}, { attach: false }),
          ],
        },
      },
    },
  });
  await engine.run({ ...run, verb: "up" });
  await engine.run({ ...run, verb: "refresh" });
  assert.deepEqual(lines(), [
    "stack ls --json",
    "stack export --stack dev",
    "up --yes --skip-preview --replace failed --stack dev",
    "stack ls --json",
    "refresh --skip-preview --yes --stack dev",
  ]);
});

test("a run that fails is no success; a question that fails is an error in the CLI's words", async (t) => {
  const { engine, run } = install(t, { answers: exists, fails: "up" });
  assert.deepEqual(await engine.run({ ...run, verb: "up" }), {
    ...{ succeeded: false, counts: {} },
    diagnostics: [{ severity: "error", message: "it is broken" }],
  });
  const broken = install(t, { answers: exists, fails: "stack ls" });
  await assert.rejects(broken.engine.outputs(broken.location), {
    message: '"pulumi stack ls --json" failed: error: it is broken',
  });
});

test("outputs know which of them are secret", async (t) => {
  const { engine, location } = install(t, {
    answers: {
      ...exists,
      "stack output --json --stack dev": { url: "http://127.0.0.1:8080", password: "[secret]" },
      "stack output --json --stack dev --show-secrets": { url: "http://127.0.0.1:8080", password: "p" },
    },
  });
  assert.deepEqual(await engine.outputs(location), {
    url: { value: "http://127.0.0.1:8080", secret: false },
    password: { value: "p", secret: true },
  });
});

test("a stack that is missing has no outputs, and nothing to remove", async (t) => {
  const { engine, location, lines } = install(t, { answers: missing });
  assert.equal(await engine.outputs(location), undefined);
  await engine.remove(location);
  assert.deepEqual(lines(), ["stack ls --json", "stack ls --json"]);
});

test("a removed stack keeps its configuration file", async (t) => {
  const { engine, location, lines } = install(t, { answers: exists });
  await engine.remove(location);
  assert.deepEqual(lines(), ["stack ls --json", "stack rm dev --yes --preserve-config"]);
});

test("volumes with the label are marked in the state before a destroy", async (t) => {
  const labels = [{ label: "flotilla.volume", value: "data" }];
  const volume = "docker:index/volume:Volume";
  const { engine, run, calls, lines } = install(t, {
    answers: {
      ...exists,
      "stack export --stack dev": {
        version: 3,
        deployment: {
          resources: [
            { type: "pulumi:pulumi:Stack" },
            { type: volume, inputs: { name: "kept", labels } },
            { type: volume, inputs: { name: "files" } },
            { type: "docker:index/container:Container", inputs: { labels } },
          ],
        },
      },
    },
  });
  await engine.run({ ...run, verb: "destroy", keepData: true });
  assert.deepEqual(lines().slice(1), [
    "stack export --stack dev",
    "stack import --stack dev",
    "destroy --yes --skip-preview --stack dev",
  ]);
  const imported = JSON.parse(calls()[2].input);
  assert.equal(imported.version, 3);
  assert.deepEqual(
    imported.deployment.resources.map((resource: { retainOnDelete: boolean }) => resource.retainOnDelete),
    [undefined, true, undefined, undefined],
  );
});

const urnOf = (name: string) => `urn:pulumi:dev::shop::docker:index/container:Container::${name}`;
const step = (op: string, name: string, more: object = {}) => ({
  metadata: { op, urn: urnOf(name), type: "docker:index/container:Container", ...more },
});

test("its events are told as ours: each step once, a failure with the provider's words, secrets masked", async (t) => {
  const sealed = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext: "[secret]",
  };
  const changed = {
    old: { inputs: { image: "a", password: sealed } },
    new: { inputs: { image: "b", password: sealed }, id: "1f2e", parent: "urn:stack" },
    detailedDiff: { image: { diffKind: "update-replace" }, password: { diffKind: "update" } },
    diffs: ["image", "password"],
  };
  const { engine, run, seen } = install(t, {
    answers: exists,
    fails: "up",
    events: [
      { diagnosticEvent: { severity: "debug", message: "nothing for users" } },
      { diagnosticEvent: { severity: "info#err", message: "<{%fg 1%}>hello<{%reset%}>\n" } },
      { resourcePreEvent: step("create-replacement", "users", changed) },
      { diagnosticEvent: { severity: "info", urn: urnOf("users"), message: "pulling", ephemeral: true } },
      { resOutputsEvent: step("create-replacement", "users", changed) },
      { resourcePreEvent: step("replace", "users", changed) },
      { resOutputsEvent: step("replace", "users", changed) },
      { resOutputsEvent: step("same", "orders", { old: { inputs: {} }, new: { inputs: {} } }) },
      { resOutputsEvent: step("same", "orders", { old: { inputs: {} }, new: { inputs: {} } }) },
      { resourcePreEvent: step("create", "edge", { new: { inputs: {} } }) },
      { diagnosticEvent: { severity: "error", urn: urnOf("edge"), message: "no such image\n" } },
      { resOpFailedEvent: step("create", "edge", { new: { inputs: {} } }) },
      { diagnosticEvent: { severity: "error", message: "update failed" } },
      { resOutputsEvent: step("delete", "data", { old: { inputs: {}, retainOnDelete: true } }) },
    ],
  });
  assert.deepEqual(await engine.run({ ...run, verb: "up" }), {
    succeeded: false,
    counts: { replace: 1, same: 1, retain: 1 },
    diagnostics: [],
  });
  const about = (operation: string, name: string) => ({
    ...{ operation, name, urn: urnOf(name), type: "docker:index/container:Container" },
  });
  const plain = seen.map((event) => ("durationMs" in event ? { ...event, durationMs: 0 } : event));
  const finished = { kind: "step-finished", durationMs: 0, changedKeys: [], changes: [] };
  assert.deepEqual(plain, [
    { kind: "diagnostic", severity: "info", message: "hello" },
    { kind: "step-started", ...about("replace", "users"), parent: "urn:stack" },
    { kind: "step-progress", urn: urnOf("users"), message: "pulling" },
    {
      ...{ ...finished, ...about("replace", "users"), id: "1f2e", changedKeys: ["image", "password"] },
      changes: [
        { path: "image", kind: "update-replace", old: "a", new: "b" },
        { path: "password", kind: "update", old: "[secret]", new: "[secret]" },
      ],
    },
    { ...finished, ...about("same", "orders") },
    { kind: "step-started", ...about("create", "edge") },
    { kind: "step-failed", ...about("create", "edge"), durationMs: 0, message: "no such image" },
    { ...finished, ...about("retain", "data") },
  ]);
});

test("an error that no step failed by is told by itself", async (t) => {
  const { engine, run, seen } = install(t, {
    answers: exists,
    fails: "preview",
    events: [{ diagnosticEvent: { severity: "error", urn: "urn:stack", message: "the program threw" } }],
  });
  const outcome = await engine.run({ ...run, verb: "preview" });
  assert.deepEqual(outcome, { succeeded: false, counts: {}, diagnostics: [] });
  const told = { kind: "diagnostic", severity: "error", urn: "urn:stack", message: "the program threw" };
  assert.deepEqual(seen, [told]);
});

test("stacks, states and history are the CLI's", async (t) => {
  const entry = {
    kind: "update",
    startTime: "2026-01-01T10:00:00.000Z",
    endTime: "2026-01-01T10:00:02.000Z",
  };
  const { engine, location, lines, calls } = install(t, {
    answers: {
      ...exists,
      "stack history --json --stack dev": [
        { ...entry, result: "failed", resourceChanges: { same: 2 } },
        { ...entry, result: "succeeded" },
      ],
    },
  });
  assert.equal((await engine.stacks(location)).length, 2);
  await engine.exportState(location, { showSecrets: true, version: 3 });
  assert.deepEqual(await engine.importState(location, { version: 3, deployment: {} }, { force: true }), []);
  assert.deepEqual(
    (await engine.history(location)).map(({ version, result, resourceChanges }) => [
      version,
      result,
      resourceChanges,
    ]),
    [
      [2, "failed", { same: 2 }],
      [1, "succeeded", {}],
    ],
  );
  await engine.changeSecretsProvider(location, "passphrase", "new one");
  await engine.cancel(location);
  await engine.remove(location, { force: true });
  assert.deepEqual(lines(), [
    "stack ls --json",
    "stack export --stack dev --show-secrets --version 3",
    "stack import --stack dev --force",
    "stack history --json --stack dev",
    "stack change-secrets-provider passphrase --stack dev",
    "cancel dev --yes",
    "stack ls --json",
    "stack rm dev --yes --preserve-config --force",
  ]);
  assert.deepEqual(JSON.parse(calls()[2].input), { version: 3, deployment: {} });
});
