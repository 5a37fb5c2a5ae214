import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing";
import { PulumiEngine } from "./pulumi";

/** Stands for the CLI: answers from answers.json, and writes down how it was called. */
const program = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const { answers, fails } = JSON.parse(readFileSync(__dirname + "/answers.json", "utf8"));
const line = args.join(" ");
const input = line.startsWith("stack import") ? readFileSync(0, "utf8") : undefined;
const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_SKIP_UPDATE_CHECK, DOCKER_HOST } = process.env;
const environment = { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_SKIP_UPDATE_CHECK, DOCKER_HOST };
appendFileSync(__dirname + "/calls", JSON.stringify({ line, input, directory: process.cwd(), environment }) + "\\n");
if (answers[line]) console.log(JSON.stringify(answers[line]));
if (line.startsWith(fails)) { console.error("error: it is broken"); process.exit(255); }
`;

function install(t: TestContext, answers: Record<string, unknown>, fails = "never") {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, "pulumi"), program, { mode: 0o755 });
  writeFileSync(path.join(folder, "answers.json"), JSON.stringify({ answers, fails }));
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
  const run = { ...location, signal: new AbortController().signal, onEvent: () => undefined };
  return { engine, location, run, calls, lines, folder };
}

const exists = {
  "stack ls --json": [{ name: "organization/other/dev" }, { name: "dev" }],
  "stack export --stack dev": { deployment: {} },
};
const missing = { "stack ls --json": [{ name: "organization/other/dev" }] };

test("a stack that is missing is made first", async (t) => {
  const { engine, run, calls, lines, folder } = install(t, missing);
  assert.deepEqual(await engine.run({ ...run, verb: "up" }), { succeeded: true, diagnostics: [] });
  assert.deepEqual(lines(), [
    "stack ls --json",
    "stack init dev --no-select --non-interactive",
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
  const { engine, run, lines } = install(t, exists);
  await engine.run({ ...run, verb: "preview", expectNoChanges: true });
  await engine.run({ ...run, verb: "preview" });
  await engine.run({ ...run, verb: "refresh" });
  await engine.run({ ...run, verb: "destroy" });
  assert.deepEqual(
    lines().filter((line: string) => !line.startsWith("stack ")),
    [
      "preview --expect-no-changes --stack dev",
      "preview --stack dev",
      "refresh --yes --skip-preview --stack dev",
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
  });
  await engine.run({ ...run, verb: "up" });
  await engine.run({ ...run, verb: "refresh" });
  assert.deepEqual(lines(), [
    "stack ls --json",
    "stack export --stack dev",
    "up --yes --skip-preview --stack dev --replace failed",
    "stack ls --json",
    "refresh --yes --skip-preview --stack dev",
  ]);
});

test("a run that fails is no success; a question that fails is an error in the CLI's words", async (t) => {
  const { engine, run } = install(t, exists, "up");
  assert.deepEqual(await engine.run({ ...run, verb: "up" }), { succeeded: false, diagnostics: [] });
  const broken = install(t, exists, "stack ls");
  await assert.rejects(broken.engine.outputs(broken.location), {
    message: '"pulumi stack ls --json" failed: error: it is broken',
  });
});

test("outputs know which of them are secret", async (t) => {
  const { engine, location } = install(t, {
    ...exists,
    "stack output --json --stack dev": { url: "http://127.0.0.1:8080", password: "[secret]" },
    "stack output --json --stack dev --show-secrets": { url: "http://127.0.0.1:8080", password: "p" },
  });
  assert.deepEqual(await engine.outputs(location), {
    url: { value: "http://127.0.0.1:8080", secret: false },
    password: { value: "p", secret: true },
  });
});

test("a stack that is missing has no outputs, and nothing to remove", async (t) => {
  const { engine, location, lines } = install(t, missing);
  assert.equal(await engine.outputs(location), undefined);
  await engine.remove(location);
  assert.deepEqual(lines(), ["stack ls --json", "stack ls --json"]);
});

test("a removed stack keeps its configuration file", async (t) => {
  const { engine, location, lines } = install(t, exists);
  await engine.remove(location);
  assert.deepEqual(lines(), ["stack ls --json", "stack rm dev --yes --preserve-config"]);
});

test("volumes with the label are marked in the state before a destroy", async (t) => {
  const labels = [{ label: "flotilla.volume", value: "data" }];
  const volume = "docker:index/volume:Volume";
  const { engine, run, calls, lines } = install(t, {
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
