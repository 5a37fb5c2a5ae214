import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { defineCommand, engineOption, exitCodes, stackOption } from "./command";
import { commands } from "./commands/table";
import { runProgram } from "./program";
import { fakeContext } from "./testing";

const seen: unknown[] = [];
const command = defineCommand({
  summary: "does nothing",
  arguments: ["[service]"],
  options: {
    ...stackOption,
    ...engineOption,
    follow: { type: "boolean", summary: "go on" },
    lines: { type: "string", value: "N", default: "100", summary: "last lines" },
  },
  async run(_, options, positionals) {
    seen.push({ options, positionals });
    return exitCodes.done;
  },
});

test("options get their defaults, and arguments may stand anywhere", async (t) => {
  const { context } = fakeContext(t);
  await command.execute(context, []);
  await command.execute(context, ["users", "--stack", "blue", "--follow", "--lines=5"]);
  assert.deepEqual(seen.splice(0), [
    { options: { stack: "dev", engine: undefined, follow: false, lines: "100" }, positionals: [] },
    { options: { stack: "blue", engine: undefined, follow: true, lines: "5" }, positionals: ["users"] },
  ]);
});

const refused: [string[], string][] = [
  [["--stak", "dev"], "Unknown option '--stak'."],
  [["--stack"], "Option '--stack <value>' argument missing."],
  [["--follow=yes"], "Option '--follow' does not take an argument."],
  [["users", "orders"], 'There is one argument too many: "orders".'],
  [
    ["--stack", "../dev"],
    '--stack must be of letters, digits, "-", "_" and ".", got "../dev". Write for example --stack dev.',
  ],
];

for (const [argv, message] of refused) {
  test(`refuses ${argv.join(" ")} with the usage and exit code 2`, async (t) => {
    const { context, output, errors } = fakeContext(t);
    assert.equal(await runProgram({ command }, ["command", ...argv], context), 2);
    assert.equal(output.text, "");
    assert.deepEqual(errors.lines, [
      message,
      "",
      "Usage: flotilla command [options] [service]",
      "  does nothing",
      "",
      "  --stack NAME              the stack to work on (default: dev)",
      "  --engine pulumi|embedded  use this engine, also for a stack that the other one made",
      "  --follow                  go on",
      "  --lines N                 last lines (default: 100)",
      "",
      "Exit codes: 0 done, 1 failed, 2 not understood, 130 interrupted; of exec, that of its command.",
    ]);
    assert.deepEqual(seen, []);
  });
}

test("an unknown command, or none, is answered with all commands and exit code 2", async (t) => {
  const { context, errors } = fakeContext(t);
  assert.equal(await runProgram(commands, ["toString"], context), 2);
  assert.equal(errors.lines[0], 'There is no command "toString".');
  assert.equal(errors.lines[2], "Usage: flotilla <command> [options]");
  assert.match(errors.lines[4]!, /^ {2}init +write a new project: /);
  assert.equal(await runProgram(commands, [], context), 2);
  assert.equal(errors.lines.includes("A command is missing."), true);
});

test("help is no mistake, and tells every command", async (t) => {
  const { context, output, errors } = fakeContext(t);
  assert.equal(await runProgram(commands, ["help"], context), 0);
  const listed = output.lines
    .slice(2, 2 + Object.keys(commands).length)
    .map((line) => line.trim().split(" ")[0]);
  assert.deepEqual(listed, Object.keys(commands));
  output.text = "";
  assert.equal(await runProgram(commands, ["help", "destroy"], context), 0);
  const about = output.text;
  output.text = "";
  assert.equal(await runProgram(commands, ["destroy", "--help"], context), 0);
  assert.equal(output.text, about);
  assert.equal(output.lines[0], "Usage: flotilla destroy [options]");
  assert.equal(errors.text, "");
});

test("an error is told without a stack trace, a mistake of ours with one", async (t) => {
  const { context, errors } = fakeContext(t);
  const failing = (error: Error) =>
    defineCommand({ summary: "", arguments: [], options: {}, run: () => Promise.reject(error) });
  assert.equal(await runProgram({ a: failing(new Error("no daemon answers")) }, ["a"], context), 1);
  assert.deepEqual(errors.lines, ["no daemon answers"]);
  errors.text = "";
  assert.equal(await runProgram({ a: failing(new TypeError("x is undefined")) }, ["a"], context), 1);
  assert.match(errors.lines[1]!, /^ {4}at .*command\.test\.ts/);
});

test("the README tells every command", () => {
  const readme = readFileSync(path.resolve(__dirname, "../../README.md"), "utf8");
  const table = readme.split("## Commands")[1]!.split("## ")[0]!;
  const missing = Object.keys(commands).filter(
    (name) => !new RegExp(`[\`(]${name}\\b|flotilla ${name}\\b`).test(table),
  );
  assert.deepEqual(missing, []);
});
