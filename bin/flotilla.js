#!/usr/bin/env node
/** The `flotilla` command, of a checkout or of the installed package. */
const { existsSync } = require("node:fs");
const path = require("node:path");

const checkout = path.join(__dirname, "../infra/setup/run.js");
const { runFlotilla } = require(existsSync(checkout) ? checkout : "../dist/infra/setup/run.js");
runFlotilla(process.argv.slice(2));
