/** Keeps `node_modules` as the lock file says. */
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { withLock } = require("./lock.js");
const { installLocked } = require("./npm.js");
const { step } = require("./steps.js");

/**
 * @typedef {{ version?: string, optional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile
 */

/**
 * Installs the packages of a checkout where they are missing or others than its lock file says.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} environment
 */
async function ensureModules(root, environment) {
  if (isStamped(root)) {
    return;
  }
  await withLock(path.join(root, ".flotilla", "set-up.lock"), async () => {
    if (isStamped(root)) {
      return;
    }
    if (!isInstalled(root)) {
      await step("Install the packages of package-lock.json", () => installLocked(root, environment));
    }
    fs.writeFileSync(stampFile(root), lockHash(root));
  });
}

/** @param {string} root */
function stampFile(root) {
  return path.join(root, "node_modules", ".flotilla-stamp");
}

/** @param {string} root */
function lockHash(root) {
  return createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
}

/** @param {string} root */
function isStamped(root) {
  return fs.existsSync(stampFile(root)) && fs.readFileSync(stampFile(root), "utf8") === lockHash(root);
}

/**
 * Whether npm itself has installed what the lock file says, by its own record: a developer's `npm install` counts.
 *
 * @param {string} root
 */
function isInstalled(root) {
  const record = path.join(root, "node_modules", ".package-lock.json");
  if (!fs.existsSync(record)) {
    return false;
  }
  const lock = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");
  return matchesLock(JSON.parse(lock), JSON.parse(fs.readFileSync(record, "utf8")));
}

/**
 * Whether every package of a lock file is installed in its version; optional ones may be missing.
 *
 * @param {LockFile} lock
 * @param {LockFile} installed
 */
function matchesLock(lock, installed) {
  const locked = Object.entries(lock.packages).filter(([location]) => location !== "");
  const complete = locked.every(([location, { version, optional }]) => {
    const found = installed.packages[location];
    return found === undefined ? optional === true : found.version === version;
  });
  return complete && Object.keys(installed.packages).every((location) => location in lock.packages);
}

module.exports = { ensureModules, matchesLock };
