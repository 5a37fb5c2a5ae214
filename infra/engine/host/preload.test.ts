import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { suite, test } from "node:test";

const PRELOAD = path.join(__dirname, "preload.cjs");

/** What a program prints that starts with the preload. */
function evaluate(code: string, timeout = 60_000): string {
  const args = ["--require", PRELOAD, "-e", code];
  const { stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: "utf8", timeout });
  assert.equal(error, undefined);
  assert.equal(stderr, "");
  return stdout.trim();
}

suite("the preload", () => {
  test("has an error with a stack of scoped packages shown at once, which coloured takes half a minute", () => {
    const shown = evaluate(
      `
      const error = new Error("boom");
      error.stack = "Error: boom\\n    at f (/a/node_modules/@scope/file.ts:1:2)";
      console.log(require("node:util").inspect(error, { colors: true }));
      console.log(require("node:util").inspect({ a: 1 }, { colors: true }));
    `,
      25_000,
    );
    assert.equal(
      shown,
      "Error: boom\n    at f (/a/node_modules/@scope/file.ts:1:2)\n{ a: \u001b[33m1\u001b[39m }",
    );
  });

  test("loads the compiler for functions when it is asked for, not before", () => {
    const loaded = evaluate(`
      const isLoaded = () => Object.keys(require.cache).some((file) => /typescript[\\\\/]lib/.test(file));
      require("@pulumi/pulumi");
      const before = isLoaded();
      const closures = require.resolve("@pulumi/pulumi/runtime/closure/serializeClosure");
      const shim = require("node:module").createRequire(closures)("../../typescript-shim");
      const { version } = shim;
      console.log(before, isLoaded(), version.split(".").length);
    `);
    assert.equal(loaded, "false true 3");
  });

  test("leaves out what traces a run and what drives Pulumi's CLI, and loads them when they are called", () => {
    const loaded = evaluate(`
      const isLoaded = (name) => Object.keys(require.cache).some((file) => file.includes(name));
      const pulumi = require("@pulumi/pulumi");
      require("@pulumi/pulumi/cmd/run/tracing").newSpan("none").end();
      console.log(isLoaded("sdk-trace-node"), isLoaded("execa"));
      process.env.TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      require("@pulumi/pulumi/cmd/run/instrumentation");
      console.log(isLoaded("sdk-trace-node"), typeof pulumi.automation.LocalWorkspace.create, isLoaded("execa"));
    `);
    assert.equal(loaded, "false false\ntrue function true");
  });
});
