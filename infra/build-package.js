/** Compiles what the npm package ships: the classes, the program and the command line, and the files that those read. */
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const output = path.join(root, "dist");

/** Folders whose other files are read at run time: the agent's sources, stand-in images, a project's template. */
const foldersWithFiles = ["components", "infra"];

fs.rmSync(output, { recursive: true, force: true });
const compiler = require.resolve("typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
for (const folder of foldersWithFiles) {
  fs.cpSync(path.join(root, folder), path.join(output, folder), { recursive: true, filter: isRead });
}
fs.mkdirSync(path.join(output, "docs"));
fs.copyFileSync(
  path.join(root, "docs/architecture.schema.json"),
  path.join(output, "docs/architecture.schema.json"),
);

/** @param {string} file */
function isRead(file) {
  const within = path.relative(root, file).split(path.sep).join("/");
  return (
    within.startsWith("infra/cli/init/template/") ||
    !/\.(ts|js|cjs)$|\/testing$|_test\.go$|\/README\.md$|\/refused\.yaml$/.test(within)
  );
}
