import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { test } from "node:test";

const runner = path.join(__dirname, "run.js");

async function runLine(...line: string[]) {
  const child = spawn(process.execPath, [runner, ...line], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (output += text));
  return { child, ended: once(child, "close").then(([code]) => ({ code, output })) };
}

test("A command line runs under our Node, with the scripts of the packages on its PATH", async () => {
  const script =
    "console.log(process.env.PATH.split(require('path').delimiter).slice(0, 2).join()); process.exit(7)";
  const { ended } = await runLine("exec", "--", "node", "-e", script);
  const scripts = path.resolve(__dirname, "../../node_modules/.bin");
  assert.deepEqual(await ended, { code: 7, output: `${path.dirname(process.execPath)},${scripts}\n` });
});

test("A signal reaches the command, whose answer to it is ours", async () => {
  const script =
    "process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1000)";
  const { child, ended } = await runLine("exec", "--", "node", "-e", script);
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, { code: 3, output: "ready\n" });
});

test("A command line that is missing or cannot be run is said", async () => {
  assert.deepEqual(await (await runLine("exec")).ended, {
    code: 1,
    output: '"exec" needs a command line. Write "node infra/setup/run.js exec -- PROGRAM ARGUMENTS".\n',
  });
  assert.deepEqual(await (await runLine("exec", "no-such-program")).ended, {
    code: 1,
    output: '"no-such-program" cannot be run: spawn no-such-program ENOENT\n',
  });
});
