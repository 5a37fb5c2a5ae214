/** A stack of common kinds, handed over between this engine and Pulumi's own with its kubernetes plugin. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, before, beforeEach, suite, test } from "node:test";
import { promisify } from "node:util";
import { type RunOptions, run } from "../../index";
import { Api } from "./api";
import { unlessMissing } from "./errors";
import { clusterAccess } from "./kubeconfig";
import { LOCAL, loadBusybox, obstacle } from "./testing/cluster";

const PROGRAMS = ["pulumi", "pulumi-resource-kubernetes"];
const TEN_MINUTES = 600_000;

let skipped: string | undefined;
let image: string;
let directory: string;
let program: string;
let namespace: string;

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? "").split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

before(async () => {
  const missing = PROGRAMS.filter((name) => !isOnPath(name));
  skipped = missing.length > 0 ? `not on the PATH: ${missing.join(", ")}` : await obstacle();
  if (!skipped) image = await loadBusybox();
});

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-takeover-"));
  program = path.join(directory, "program");
  namespace = `flotilla-test-${randomBytes(4).toString("hex")}`;
  cpSync(path.join(__dirname, "testing", "takeover"), program, { recursive: true });
  symlinkSync(
    path.resolve(__dirname, "../../../../node_modules"),
    path.join(directory, "node_modules"),
    "junction",
  );
});
afterEach(() => rmSync(directory, { recursive: true }));

const passphrase = "correct horse";

const environment = (value: string) => ({
  ...{ KUBECONFIG_PATH: LOCAL.kubeconfig ?? "", CONTEXT: LOCAL.context },
  ...{ NAMESPACE: namespace, IMAGE: image, VALUE: value },
});

/** Runs Pulumi's CLI on the stack. */
async function pulumi(value: string, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    ...environment(value),
    PULUMI_BACKEND_URL: `file://${directory}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const all = [...args, "--stack", "s", "--non-interactive"];
  const { stdout } = await promisify(execFile)("pulumi", all, { cwd: program, env }).catch((error) => {
    throw new Error(`pulumi ${args.join(" ")} failed:\n${error.stdout}${error.stderr}`);
  });
  return stdout;
}

/** Runs this engine on the stack; what it did with what it manages, e.g. `{ same: 20 }`. */
async function embedded(value: string, verb: RunOptions["verb"]) {
  const result = await run({
    ...{ verb, directory: program, stack: "s", backendUrl: `file://${directory}`, passphrase },
    environment: environment(value),
  });
  assert.deepEqual(result.diagnostics, []);
  const { read: _, discard: __, ...counts } = result.counts;
  return counts;
}

const stored = () => readFileSync(path.join(directory, ".pulumi/stacks/takeover/s.json"), "utf8");

async function nothingIsLeft(): Promise<void> {
  const api = new Api(clusterAccess(LOCAL));
  assert.equal(await unlessMissing(api.request(`/api/v1/namespaces/${namespace}`)), undefined);
}

const scenario = (name: string, story: () => Promise<void>) =>
  test(name, { timeout: TEN_MINUTES }, (t) => (skipped ? t.skip(skipped) : story()));

suite("a stack", () => {
  scenario("that this engine has made is Pulumi's without a change, and back", async () => {
    const { create } = await embedded("hello", "up");
    assert.deepEqual(await embedded("hello", "preview"), { same: create });
    for (const text of ["swordfish-9", Buffer.from("swordfish-9").toString("base64"), "a-secret-value"]) {
      assert.ok(!stored().includes(text), `${text} is in the state`);
    }
    await pulumi("hello", "preview", "--expect-no-changes", "--diff");
    await pulumi("changed", "up", "--yes", "--skip-preview");
    assert.deepEqual(await embedded("changed", "preview"), { same: create });
    await embedded("changed", "destroy");
    await nothingIsLeft();
  });

  scenario("that Pulumi has made is this engine's without a change, and back", async () => {
    await pulumi("hello", "stack", "init", "--no-select");
    await pulumi("hello", "up", "--yes", "--skip-preview");
    const { same, ...changed } = await embedded("hello", "preview");
    assert.deepEqual(changed, {});
    assert.deepEqual(await embedded("changed", "up"), { same: (same ?? 0) - 1, update: 1 });
    await pulumi("changed", "preview", "--expect-no-changes", "--diff");
    await embedded("changed", "refresh");
    await pulumi("changed", "preview", "--expect-no-changes", "--diff");
    assert.deepEqual(await embedded("changed", "preview"), { same });
    await pulumi("changed", "destroy", "--yes", "--skip-preview");
    await nothingIsLeft();
  });
});
