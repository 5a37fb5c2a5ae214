import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { ensureModules, matchesLock } from "./modules.js";
import { explain } from "./npm.js";

const lock = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/only-elsewhere": { version: "2.0.0", optional: true },
  },
};

test("What npm has installed matches the lock file, but for optional packages", () => {
  const installed = (packages: Record<string, { version: string }>) => matchesLock(lock, { packages });
  assert.equal(installed({ "node_modules/a": { version: "1.0.0" } }), true);
  assert.equal(installed({}), false);
  assert.equal(installed({ "node_modules/a": { version: "1.0.1" } }), false);
  assert.equal(
    installed({ "node_modules/a": { version: "1.0.0" }, "node_modules/gone": { version: "1.0.0" } }),
    false,
  );
  assert.equal(
    installed({
      "node_modules/a": { version: "1.0.0" },
      "node_modules/only-elsewhere": { version: "1.9.0" },
    }),
    false,
  );
});

test("A folder without packages is installed once, then known by its stamp", async () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-modules-"));
  try {
    const manifest = { name: "empty", version: "1.0.0" };
    const empty = { ...manifest, lockfileVersion: 3, packages: { "": manifest } };
    fs.writeFileSync(path.join(root, "package.json"), JSON.stringify(manifest));
    fs.writeFileSync(path.join(root, "package-lock.json"), JSON.stringify(empty));
    fs.mkdirSync(path.join(root, "node_modules"));
    fs.writeFileSync(path.join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages: {} }));
    await ensureModules(root, process.env);
    const stamp = fs.readFileSync(path.join(root, "node_modules/.flotilla-stamp"), "utf8");
    assert.match(stamp, /^[0-9a-f]{64}$/);
    fs.rmSync(path.join(root, "node_modules/.package-lock.json"));
    await ensureModules(root, { PATH: "" });
    assert.equal(fs.readFileSync(path.join(root, "node_modules/.flotilla-stamp"), "utf8"), stamp);
  } finally {
    fs.rmSync(root, { recursive: true });
  }
});

test("A failed installation is explained in one sentence", () => {
  assert.equal(
    explain("npm error code ENOTFOUND"),
    "The npm registry cannot be reached: check the network, or npm's registry and proxy settings.",
  );
  assert.equal(
    explain("npm error code SELF_SIGNED_CERT_IN_CHAIN"),
    "The npm registry's certificate is not trusted: set NODE_EXTRA_CA_CERTS to your company's certificate file.",
  );
  assert.equal(
    explain("npm error code EUSAGE"),
    'package.json and package-lock.json disagree: run "npm install" and commit the lock file.',
  );
  assert.equal(explain("npm error something else"), "The packages could not be installed.");
});
