import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { removeOtherBuilds } from "./build";

test("Earlier builds go, the one in use and those under way stay", () => {
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-builds-"));
  const { XDG_CACHE_HOME } = process.env;
  process.env.XDG_CACHE_HOME = cache;
  try {
    const builds = path.join(cache, "flotilla/cluster/builds");
    const folders = [
      "kubernetes-0123456789ab",
      "kubernetes-ba9876543210",
      "kubernetes-ba9876543210.77",
      "kwok-0123456789ab",
    ];
    for (const folder of folders) {
      fs.mkdirSync(path.join(builds, folder), { recursive: true });
    }
    removeOtherBuilds([path.join(builds, "kubernetes-0123456789ab", "kubernetes")]);
    assert.deepEqual(fs.readdirSync(builds).sort(), [
      "kubernetes-0123456789ab",
      "kubernetes-ba9876543210.77",
      "kwok-0123456789ab",
    ]);
  } finally {
    if (XDG_CACHE_HOME === undefined) {
      delete process.env.XDG_CACHE_HOME;
    } else {
      process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    }
    fs.rmSync(cache, { recursive: true });
  }
});
