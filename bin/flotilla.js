#!/usr/bin/env node
/** The `flotilla` command: of a checkout, which makes Node and the packages ready first, or of the installed package. */
const { existsSync } = require("node:fs");
const path = require("node:path");

const checkout = path.join(__dirname, "../infra/setup/run.js");
if (existsSync(checkout)) {
  require(checkout).runFlotilla(process.argv.slice(2));
} else {
  // Programs and descriptions may be TypeScript.
  require("../dist/infra/engine/host/transpile.cjs");
  require("../dist/infra/cli/main.js");
}
