import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../program";
import { FakeConfiguration, fakeContext } from "../testing";
import { parsePath, setAtPath } from "./config-path";
import { commands } from "./table";

test("set stores and saves, get prints, the list hides secrets", async (t) => {
  const { context, output, configuration } = fakeContext(t);
  assert.equal(await runProgram(commands, ["config", "set", "--secret", "token", "s3cret"], context), 0);
  assert.deepEqual(configuration.values.token, { value: "s3cret", secret: true });
  assert.equal(configuration.saved, 1);
  assert.equal(await runProgram(commands, ["config", "get", "token"], context), 0);
  assert.equal(await runProgram(commands, ["config"], context), 0);
  assert.deepEqual(output.lines, ["s3cret", "flotilla:target  docker", "token            [secret]"]);
});

const refused: [string[], number, string][] = [
  [["set", "a"], 2, "config set takes a key and a value."],
  [["get"], 2, "config get takes a key."],
  [["get", "a"], 1, "The stack's configuration has no a."],
  [["rm", "a"], 2, 'config knows set, get, list, got "rm".'],
  [["toString"], 2, 'config knows set, get, list, got "toString".'],
  [
    ["set", "--secret", "--path", "a.b", "1"],
    2,
    "--path and --secret do not go together: a secret is set as a whole.",
  ],
];

for (const [argv, code, message] of refused) {
  test(`config ${argv.join(" ")} is refused`, async (t) => {
    const { context, errors, configuration } = fakeContext(t);
    assert.equal(await runProgram(commands, ["config", ...argv], context), code);
    assert.equal(errors.lines[0], message);
    assert.equal(configuration.saved, 0);
  });
}

test("paths are read as Pulumi reads them", () => {
  assert.deepEqual(parsePath("flotilla:settings.httpPort"), ["flotilla:settings", "httpPort"]);
  assert.deepEqual(parsePath('a:b[0].c["d.e"]'), ["a:b", 0, "c", "d.e"]);
  assert.deepEqual(parsePath("plain"), ["plain"]);
  assert.throws(() => parsePath("a:b[x]"), {
    message: 'The path a:b[x] cannot be read from "[x]" on. Write for example a:b.c[0].',
  });
});

const typed: [string, string | number | boolean][] = [
  ["8081", 8081],
  ["-3", -3],
  ["true", true],
  ["007", "007"],
  ["1.5", "1.5"],
  ["yes", "yes"],
];

for (const [text, value] of typed) {
  test(`inside an object ${text} is ${JSON.stringify(value)}`, () => {
    const configuration = new FakeConfiguration();
    setAtPath(configuration, "a:b.c", text);
    assert.deepEqual(JSON.parse(configuration.values["a:b"]!.value), [["c"], value]);
  });
}

test("a path of one step sets the key itself, as text", () => {
  const configuration = new FakeConfiguration();
  setAtPath(configuration, "a:b", "8081");
  assert.deepEqual(configuration.values, { "a:b": { value: "8081", secret: false } });
});

test("a secret is not changed in parts", () => {
  const configuration = new FakeConfiguration({ "a:b": { value: "{}", secret: true } });
  assert.throws(() => setAtPath(configuration, "a:b.c", "1"), {
    message: "a:b is a secret: its parts cannot be set one by one. Set all of it, with --secret.",
  });
});

test("a secret of a backend that is not ours is left to the Pulumi CLI", async (t) => {
  const { context, errors, configuration } = fakeContext(t);
  context.machine.environment.PULUMI_BACKEND_URL = "https://api.example.com";
  assert.equal(await runProgram(commands, ["config", "set", "--secret", "a", "b"], context), 1);
  assert.deepEqual(errors.lines, [
    "The stack's backend encrypts by itself. Write: pulumi config set --secret --stack dev …",
  ]);
  assert.equal(configuration.saved, 0);
});
