import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type TestContext, test } from "node:test";
import { loadImage } from "./loaded-images";

/** A `docker` that tells what it was asked, in place of the real one. */
function fakeDocker(t: TestContext, script: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-load-"));
  fs.writeFileSync(path.join(folder, "docker"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  t.after(() => {
    process.env.PATH = before;
    fs.rmSync(folder, { recursive: true });
  });
  return folder;
}

test("what docker saves goes to the command's input", async (t) => {
  const folder = fakeDocker(t, 'echo "$@"');
  await loadImage("users:1", ["sh", "-c", `cat > ${folder}/loaded`]);
  assert.equal(fs.readFileSync(`${folder}/loaded`, "utf8"), "save users:1\n");
});

test("a failure of either side says which, and why", async (t) => {
  const folder = fakeDocker(t, 'test "$2" = users:1 && exit 0; echo "no such image: $2" >&2; exit 1');
  const hint = "images.load must read what docker save writes from its standard input.";
  await assert.rejects(loadImage("users:1", ["sh", "-c", "echo full >&2; exit 3"]), {
    message: `users:1 could not be loaded. sh -c echo full >&2; exit 3 ended with 3: full. ${hint}`,
  });
  await assert.rejects(loadImage("gone:1", ["cat"]), {
    message: `gone:1 could not be loaded. docker save gone:1 ended with 1: no such image: gone:1. ${hint}`,
  });
  await assert.rejects(loadImage("users:1", [`${folder}/missing`]), {
    message: `users:1 could not be loaded. ${folder}/missing could not be run: spawn ${folder}/missing ENOENT. ${hint}`,
  });
});
