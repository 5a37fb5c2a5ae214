/**
 * Runs a folder's unit tests in one process: loading what they share takes longer than they do. Files named
 * `*.mocks.test.ts` have a process each instead, as Pulumi's mocks are one to a process.
 */
const { globSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");
const OTHERS = /\.(docker|kubernetes|cluster|registries|slow|e2e|mocks)\.test\.ts$/;

/** @param {string[]} patterns of files below the root of the checkout */
module.exports = (...patterns) => {
  const files = globSync(patterns, { cwd: ROOT }).filter((file) => !OTHERS.test(file));
  for (const file of files.sort()) {
    require(path.join(ROOT, file));
  }
};
