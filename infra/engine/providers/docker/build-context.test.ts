import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { extract } from "tar-stream";
import { ignoredIn, packContext } from "./build-context";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "context-"));
after(() => fs.rmSync(root, { recursive: true }));

function folder(name: string, files: Record<string, string>): string {
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name, file)), { recursive: true });
    fs.writeFileSync(path.join(root, name, file), content);
  }
  return path.join(root, name);
}

async function filesIn(
  archive: NodeJS.ReadableStream,
): Promise<Record<string, { uid?: number; content: string }>> {
  const found: Record<string, { uid?: number; content: string }> = {};
  const reader = archive.pipe(extract());
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === "file") {
      found[entry.header.name] = { uid: entry.header.uid, content: Buffer.concat(chunks).toString() };
    }
  }
  return found;
}

test("all files go, owned by nobody in particular", async () => {
  const context = folder("all", { Dockerfile: "FROM a", "src/a.js": "a", "node_modules/b/c": "c" });
  const { archive, dockerfile } = packContext(context, "Dockerfile");
  const files = await filesIn(archive);
  assert.equal(dockerfile, "Dockerfile");
  assert.deepEqual(Object.keys(files).sort(), ["Dockerfile", "node_modules/b/c", "src/a.js"]);
  assert.equal(files["src/a.js"].uid, 0);
});

test(".dockerignore leaves out, but never the Dockerfile and itself", async () => {
  const context = folder("ignoring", {
    "build/Dockerfile": "FROM a",
    "build/other": "",
    ".dockerignore": "**/node_modules\nbuild\n.dockerignore\nsecrets/*\n!secrets/public\n",
    "node_modules/a/b": "",
    "secrets/key": "",
    "secrets/public": "",
    "src/node_modules/a": "",
    "src/a.js": "",
  });
  const files = await filesIn(packContext(context, "build/Dockerfile").archive);
  const expected = [".dockerignore", "build/Dockerfile", "secrets/public", "src/a.js"];
  assert.deepEqual(Object.keys(files).sort(), expected);
});

test("a Dockerfile outside of the folder is sent along", async () => {
  folder("elsewhere", { "My.Dockerfile": "FROM b" });
  const context = folder("inside", { a: "a" });
  const { archive, dockerfile } = packContext(context, "../elsewhere/My.Dockerfile");
  const files = await filesIn(archive);
  assert.match(dockerfile, /^\.dockerfile\.[0-9a-f]{12}$/);
  assert.equal(files[dockerfile].content, "FROM b");
  assert.deepEqual(Object.keys(files).sort(), [dockerfile, "a"].sort());
});

test("what is not there is said", () => {
  const context = folder("empty", { a: "" });
  assert.throws(() => packContext(context, "Dockerfile"), {
    message: `the Dockerfile ${path.join(context, "Dockerfile")} does not exist`,
  });
  assert.throws(() => packContext(path.join(root, "nowhere"), "Dockerfile"), {
    message: `the build's context ${path.join(root, "nowhere")} does not exist`,
  });
});

test("without a .dockerignore nothing is left out", () => {
  const context = folder("plain", { a: "" });
  assert.equal(ignoredIn(context, [])(path.join(context, "a")), false);
});
