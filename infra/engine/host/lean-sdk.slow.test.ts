import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { suite, test } from "node:test";

const PRELOAD = path.join(__dirname, "preload.cjs");

const SET_UP = `
  const pulumi = require("@pulumi/pulumi");
  const state = ({ name, inputs }) => ({ id: name + "-id", state: { ...inputs, made: name + " made" } });
  pulumi.runtime.setMocks({ newResource: state, call: () => ({}) });
  class Thing extends pulumi.CustomResource {
    constructor(name, given, options) {
      super("test:index:Thing", name, { given, made: undefined, other: undefined }, options);
    }
  }
  const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
  const isMade = (thing, key) => Object.getOwnPropertyDescriptor(thing, key).get === undefined;
  const valueOf = (output) => new Promise((resolve) => output.apply(resolve));
`;

/** What a program prints that starts with the preload, and what it complains of when it fails. */
function evaluate(code: string, status = 0): string {
  const args = ["--require", PRELOAD, "-e", `${SET_UP}\nvoid (async () => {${code}})();`];
  const program = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000, cwd: __dirname });
  assert.deepEqual([program.error, program.status], [undefined, status], program.stderr);
  return (status === 0 ? program.stdout : program.stdout + program.stderr).trim();
}

suite("the SDK, without what takes its time", { concurrency: 2 }, () => {
  test("has an output when it is asked for, before and after the resource is there", () => {
    const printed = evaluate(`
      const thing = new Thing("a", pulumi.secret("it is"));
      console.log(isMade(thing, "made"), Object.keys(thing).includes("made"), "made" in thing);
      const early = thing.made;
      console.log(isMade(thing, "made"), early === thing.made, await valueOf(early));
      await settled();
      console.log(isMade(thing, "given"), await valueOf(thing.given), await pulumi.isSecret(thing.given));
      const [dependency] = await thing.given.allResources();
      console.log(dependency === thing, await valueOf(thing.id), isMade(thing, "other"), await valueOf(thing.other));
    `);
    assert.deepEqual(printed.split("\n"), [
      "false true true",
      "true true a made",
      "false it is true",
      "true a-id false undefined",
    ]);
  });

  test("lets a class put something of its own in an output's place", () => {
    const printed = evaluate(`
      const thing = new Thing("a", "it is");
      thing.other = "own";
      console.log(thing.other, isMade(thing, "other"));
    `);
    assert.equal(printed, "own true");
  });

  test("has all outputs when a function becomes text with what it looks at", () => {
    const printed = evaluate(`
      const thing = new Thing("a", "it is");
      await settled();
      const { text } = await pulumi.runtime.serializeFunction(() => thing.made.get());
      console.log(text.includes('.value = "a made"'), isMade(new Thing("b", ""), "made"));
    `);
    assert.equal(printed, "true true");
  });

  test("knows the files of functions that become text, though V8's debugger starts late", () => {
    const printed = evaluate(`
      const { getFunctionLocationAsync } = require("@pulumi/pulumi/runtime/closure/v8");
      const { file, line } = await getFunctionLocationAsync(pulumi.all);
      console.log(file.endsWith("/@pulumi/pulumi/output.js"), line > 1);
    `);
    assert.equal(printed, "true true");
  });

  test("tells of a resource that failed once, whoever asked for its outputs", () => {
    const printed = evaluate(
      `
      pulumi.runtime.setMocks({ newResource: () => { throw new Error("no room"); }, call: () => ({}) });
      process.once("unhandledRejection", ({ message }) => { console.log(message); process.exit(3); });
      new Thing("a", "it is");
    `,
      3,
    );
    assert.equal(printed, "failed to register new resource a [test:index:Thing]: no room");
  });

  test("counts promises that never settle", () => {
    const printed = evaluate(
      `
      const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
      debuggablePromise(new Promise(() => {}), "first");
      const second = debuggablePromise(new Promise(() => {}), "second");
      console.log(second._debugCtx);
    `,
      1,
    );
    assert.match(printed, /^undefined\nThe Pulumi runtime detected that 2 promises were still active/);
  });

  test("says where a resource was made, and no more of the stack", () => {
    const printed = evaluate(`
      const monitor = require("@pulumi/pulumi/runtime/settings").getMonitor();
      const register = monitor.registerResource.bind(monitor);
      monitor.registerResource = (request, answer) => {
        console.log(request.getStacktrace().getFramesList().length);
        console.log(request.getSourceposition().getLine());
        return register(request, answer);
      };
      const lineOf = (error) => /:(\\d+):\\d+/.exec(error.stack.split("\\n")[1])[1];
      const deep = (levels) => {
        if (levels > 0) return deep(levels - 1);
        console.log(lineOf(new Error())); new Thing("a", "it is");
      };
      deep(20);
      await settled();
    `);
    const [line, frames, position] = printed.split("\n");
    assert.deepEqual([frames, position], ["1", line]);
  });
});
