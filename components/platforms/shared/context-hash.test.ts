import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type TestContext, test } from "node:test";
import { RunError } from "@pulumi/pulumi/errors";
import type { ImageBuild } from "../../platform";
import { contextHash, declaredArgs } from "./context-hash";

/** A small context in a folder of its own. */
function context(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-context-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.mkdirSync(path.join(folder, "src"));
  fs.writeFileSync(path.join(folder, "Dockerfile"), "ARG NODE_IMAGE=node:22\nFROM $NODE_IMAGE\n");
  fs.writeFileSync(path.join(folder, "src/main.js"), "main\n", { mode: 0o644 });
  fs.writeFileSync(path.join(folder, ".dockerignore"), "node_modules\n*.log\n!keep.log\n");
  fs.symlinkSync("src/main.js", path.join(folder, "link"));
  return folder;
}

function hash(folder: string, more: Partial<ImageBuild> = {}): string {
  return contextHash({ context: folder, dockerfile: "Dockerfile", args: {}, ...more });
}

test("the place and the times of a clone do not change the name", (t) => {
  const [one, two] = [context(t), context(t)];
  fs.utimesSync(path.join(two, "src/main.js"), 1, 1);
  fs.chmodSync(path.join(two, "src/main.js"), 0o600);
  assert.match(hash(one), /^[0-9a-f]{16}$/);
  assert.equal(hash(two), hash(one));
});

test("whatever goes into an image changes the name", (t) => {
  const changes: Record<string, (folder: string) => void> = {
    content: (folder) => fs.writeFileSync(path.join(folder, "src/main.js"), "other\n"),
    name: (folder) => fs.renameSync(path.join(folder, "src/main.js"), path.join(folder, "src/app.js")),
    "executable bit": (folder) => fs.chmodSync(path.join(folder, "src/main.js"), 0o755),
    "a link's target": (folder) => {
      fs.rmSync(path.join(folder, "link"));
      fs.symlinkSync("src/other.js", path.join(folder, "link"));
    },
    "a link in place of a file": (folder) => {
      fs.rmSync(path.join(folder, "src/main.js"));
      fs.symlinkSync("main\n", path.join(folder, "src/main.js"));
    },
    Dockerfile: (folder) => fs.appendFileSync(path.join(folder, "Dockerfile"), "USER 65532\n"),
    ".dockerignore": (folder) => fs.writeFileSync(path.join(folder, ".dockerignore"), "link\n"),
    "a new file": (folder) => fs.writeFileSync(path.join(folder, "new"), ""),
    "an ignored file that is kept": (folder) => fs.writeFileSync(path.join(folder, "keep.log"), ""),
  };
  const names = new Set([hash(context(t))]);
  for (const [what, change] of Object.entries(changes)) {
    const folder = context(t);
    change(folder);
    const changed = hash(folder);
    assert(!names.has(changed), what);
    names.add(changed);
  }
});

test("what is ignored changes nothing, the Dockerfile counts even if ignored", (t) => {
  const folder = context(t);
  const before = hash(folder);
  fs.mkdirSync(path.join(folder, "node_modules/a"), { recursive: true });
  fs.writeFileSync(path.join(folder, "node_modules/a/index.js"), "a");
  fs.writeFileSync(path.join(folder, "debug.log"), "a");
  assert.equal(hash(folder), before);
  fs.writeFileSync(path.join(folder, ".dockerignore"), "Dockerfile\n");
  const ignored = hash(folder);
  fs.appendFileSync(path.join(folder, "Dockerfile"), "USER 65532\n");
  assert.notEqual(hash(folder), ignored);
});

test("arguments, stage, platform and Dockerfile change the name; the arguments' order does not", (t) => {
  const folder = context(t);
  fs.writeFileSync(path.join(folder, "src/Dockerfile"), "FROM scratch\n");
  const names = [
    hash(folder),
    hash(folder, { args: { A: "1" } }),
    hash(folder, { args: { A: "2" } }),
    hash(folder, { target: "test" }),
    hash(folder, { platform: "linux/arm64" }),
    hash(folder, { dockerfile: "src/Dockerfile" }),
  ];
  assert.equal(new Set(names).size, names.length);
  assert.equal(hash(folder, { args: { A: "1", B: "2" } }), hash(folder, { args: { B: "2", A: "1" } }));
});

test("a missing Dockerfile or context is told with its path", () => {
  const build = { context: "services/nowhere", dockerfile: "Dockerfile", args: {} };
  const expected = new RunError(
    "There is no services/nowhere/Dockerfile to build. Correct build.context or build.dockerfile.",
  );
  assert.throws(() => contextHash(build), expected);
});

test("the arguments that a Dockerfile declares are found, also indented and in lower case", (t) => {
  const folder = context(t);
  const text = "ARG NODE_IMAGE=node:22\n# ARG OLD\nFROM $NODE_IMAGE\n  arg VERSION\nRUN echo ARG NOT\n";
  fs.writeFileSync(path.join(folder, "Dockerfile"), text);
  assert.deepEqual(declaredArgs({ context: folder, dockerfile: "Dockerfile" }), ["NODE_IMAGE", "VERSION"]);
  assert.deepEqual(declaredArgs({ context: folder, dockerfile: "missing" }), []);
});
