/** Runs a folder's unit tests in one process: loading what they share takes longer than they do. */
const { globSync } = require("node:fs");
const { suite } = require("node:test");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");
const OTHERS = /\.(docker|kubernetes|cluster|registries|slow|e2e|mocks)\.test\.ts$/;

/** @param {string[]} patterns of files below the root of the checkout */
exports.requireTests = (...patterns) => {
  const files = globSync(patterns, { cwd: ROOT }).filter((file) => !OTHERS.test(file));
  for (const file of files.sort()) {
    // A suite of its own, so that its hooks are for its own tests.
    suite(file, () => void require(path.join(ROOT, file)));
  }
};

/**
 * The same for files that set Pulumi's mocks: each gets a state of Pulumi's runtime of its own, which its tests keep.
 *
 * @param {string[]} patterns of files below the root of the checkout
 */
exports.requireMocksTests = (...patterns) => {
  // @ts-expect-error: it has no types.
  const { withLocalStorage } = require("@pulumi/pulumi/runtime/state");
  for (const file of globSync(patterns, { cwd: ROOT }).sort()) {
    suite(file, () => void withLocalStorage(() => require(path.join(ROOT, file))));
  }
};
