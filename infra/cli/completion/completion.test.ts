/** Completion in real shells, where they are installed. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { commands } from "../commands/table";
import { runProgram } from "../program";
import { fakeContext } from "../testing";

const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;

async function scriptFor(t: TestContext, shell: string) {
  const { context, output } = fakeContext(t);
  assert.equal(await runProgram(commands, ["completion", shell], context), 0);
  const script = path.join(context.directory, `completion.${shell}`);
  writeFileSync(script, output.text);
  for (const stack of ["dev", "staging"]) {
    writeFileSync(path.join(context.directory, `Pulumi.${stack}.yaml`), "");
  }
  return { directory: context.directory, script };
}

/** What the user has typed, the last word half; and what may come of it. */
const cases: [string[], string[]][] = [
  [["pre"], ["preview"]],
  [["st"], ["stack"]],
  [
    ["stack", ""],
    ["ls", "rm", "export", "import", "change-secrets-provider", "history"],
  ],
  [["up", "--eng"], ["--engine"]],
  [
    ["up", "--engine", ""],
    ["pulumi", "embedded"],
  ],
  [["up", "--stack", "d"], ["dev"]],
  [["logs", "users", "--fo"], ["--follow"]],
  [["stack", "history", "--stack", "s"], ["staging"]],
  [["config", "se"], ["set"]],
  [["graph", "--output", "Pulumi.st"], ["Pulumi.staging.yaml"]],
];

test("bash completes commands, options and their values", { skip: !has("bash") }, async (t) => {
  const { directory, script } = await scriptFor(t, "bash");
  const complete = (words: string[]) => {
    // compopt works only while a key is handled.
    const driver = `compopt() { :; }; source ${script}; COMP_WORDS=(flotilla "$@"); COMP_CWORD=$#; _flotilla; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync("bash", ["-c", driver, "bash", ...words], { cwd: directory, encoding: "utf8" });
    return out.split("\n").filter((word) => word !== "" && word !== "--help");
  };
  for (const [words, expected] of cases) {
    assert.deepEqual(complete(words), expected, words.join(" "));
  }
  assert.deepEqual(complete(["up", "--stack", "=", "st"]), ["staging"]);
  assert.deepEqual(complete(["exec", "users", "--", "l"]), []);
});

test("fish completes commands, options and their values", { skip: !has("fish") }, async (t) => {
  const { directory, script } = await scriptFor(t, "fish");
  for (const [words, expected] of cases) {
    const typed = ["flotilla", ...words].join(" ");
    const out = execFileSync("fish", ["-c", `source ${script}; complete -C '${typed}'`], {
      ...{ cwd: directory, encoding: "utf8" },
      env: { ...process.env, HOME: directory },
    });
    const found = out
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t")[0]!);
    assert.deepEqual(found.sort(), [...expected].sort(), words.join(" "));
  }
});

test("zsh takes the script, and has a function for each command", { skip: !has("zsh") }, async (t) => {
  const { directory, script } = await scriptFor(t, "zsh");
  const driver = `autoload -U compinit; compinit -u -d ${directory}/dump; source ${script}; print -l \${(k)functions} | grep -c '^_flotilla'; echo $_comps[flotilla]`;
  const out = execFileSync("zsh", ["-f", "-c", driver], { cwd: directory, encoding: "utf8" });
  const groups = Object.values(commands).flatMap(({ subcommands }) => Object.keys(subcommands ?? {}));
  assert.deepEqual(out.trim().split("\n"), [
    String(Object.keys(commands).length + groups.length + 2),
    "_flotilla",
  ]);
});

test("completion of another shell is refused", async (t) => {
  const { context, errors } = fakeContext(t);
  assert.equal(await runProgram(commands, ["completion", "csh"], context), 2);
  assert.equal(errors.lines[0], 'Write one of bash, zsh, fish, got "csh".');
});
