/** The npm package as others get it: packed, unpacked beside their program, and used as the README shows. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";

const ROOT = path.resolve(__dirname, "..");

/** Runs the program against mocks and prints what it exports and how many resources it makes. */
const RUNNER = `
const pulumi = require("@pulumi/pulumi");
let resources = 0;
pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => { resources += 1; return { id: name + "-id", state: { ...inputs, result: "secret" } }; },
  call: () => ({}),
}, "other", "test");
const program = require("./program.js");
program.url.apply((url) => setTimeout(() => console.log(JSON.stringify({ url, resources: resources > 20 })), 500));
`;

test("the README's program compiles and runs on the packed package, and so does its command", {
  timeout: 120_000,
}, (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-package-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const run = (command: string, ...words: string[]): string =>
    execFileSync(command, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

  execFileSync(process.execPath, [path.join(ROOT, "infra/build-package.js")], { cwd: ROOT });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const packed = run(npm, "pack", ROOT, "--ignore-scripts", "--silent").trim();
  run("tar", "-xzf", packed);
  fs.mkdirSync(path.join(folder, "node_modules"));
  for (const name of fs
    .readdirSync(path.join(ROOT, "node_modules"))
    .filter((entry) => !entry.startsWith("."))) {
    fs.symlinkSync(path.join(ROOT, "node_modules", name), path.join(folder, "node_modules", name));
  }
  fs.renameSync(path.join(folder, "package"), path.join(folder, "node_modules/flotilla"));
  for (const service of ["users", "orders"]) {
    fs.mkdirSync(path.join(folder, "services", service), { recursive: true });
    fs.writeFileSync(path.join(folder, "services", service, "Dockerfile"), "FROM scratch\n");
  }

  const readme = fs.readFileSync(path.join(ROOT, "README.md"), "utf8");
  const sample = /```ts\n(import \{ Gateway.*?)```/s.exec(readme)?.[1];
  assert.ok(sample, "the README has no program that imports Gateway");
  fs.writeFileSync(path.join(folder, "program.ts"), sample);
  fs.writeFileSync(path.join(folder, "runner.js"), RUNNER);
  const options = [
    "--module",
    "node16",
    "--moduleResolution",
    "node16",
    "--target",
    "es2022",
    "--skipLibCheck",
  ];
  run(
    process.execPath,
    path.join(ROOT, "node_modules/typescript/bin/tsc"),
    ...options,
    "--strict",
    "program.ts",
  );

  const command = path.join("node_modules", "flotilla", "bin", "flotilla.js");
  assert.match(run(process.execPath, command, "help"), /^Usage: flotilla <command>/);
  run(process.execPath, command, "init", "shop");
  assert.equal(
    JSON.parse(fs.readFileSync(path.join(folder, "shop/package.json"), "utf8")).dependencies.flotilla,
    JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")).version,
  );

  assert.deepEqual(JSON.parse(run(process.execPath, "runner.js").trim()), {
    url: "http://127.0.0.1:8080",
    resources: true,
  });
});
