/** Compiles the library as the npm package ships it: the classes, and the agent's sources that they build. */
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const output = path.join(root, "dist");

fs.rmSync(output, { recursive: true, force: true });
const compiler = require.resolve("typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
fs.cpSync(path.join(root, "components/agent"), path.join(output, "components/agent"), { recursive: true });
