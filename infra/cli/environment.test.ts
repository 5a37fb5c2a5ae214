import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { type Machine, resolveBackend, resolvePassphrase } from "./environment";
import { temporaryFolder } from "./testing";

function machine(home: string, environment: NodeJS.ProcessEnv = {}): Machine {
  return { environment, home, platform: "linux" };
}

test("the user's backend is used as it is", (t) => {
  const home = temporaryFolder(t);
  const environment = { PULUMI_BACKEND_URL: "s3://bucket" };
  assert.equal(resolveBackend(machine(home, environment), { name: "shop", directory: home }), "s3://bucket");
});

test("else the backend is a folder of the project, which exists afterwards", (t) => {
  const directory = temporaryFolder(t);
  const url = resolveBackend(machine("/nowhere"), { name: "shop", directory });
  assert.equal(url, `file://${directory}/.flotilla/state`);
  assert.equal(statSync(path.join(directory, ".flotilla/state")).isDirectory(), true);
});

test("the user's passphrase goes first, even an empty one", (t) => {
  const home = temporaryFolder(t);
  const file = path.join(home, "given");
  writeFileSync(file, "from file\n");
  assert.equal(resolvePassphrase(machine(home, { PULUMI_CONFIG_PASSPHRASE: "" })), "");
  assert.equal(resolvePassphrase(machine(home, { PULUMI_CONFIG_PASSPHRASE_FILE: file })), "from file");
  assert.throws(() => resolvePassphrase(machine(home, { PULUMI_CONFIG_PASSPHRASE_FILE: `${file}.no` })), {
    message: `PULUMI_CONFIG_PASSPHRASE_FILE cannot be read: ENOENT: no such file or directory, open '${file}.no'`,
  });
});

const places: [string, Partial<Machine>, string][] = [
  ["in .config of the home folder", {}, ".config/flotilla/passphrase"],
  ["in XDG_CONFIG_HOME", { environment: { XDG_CONFIG_HOME: "HOME/xdg" } }, "xdg/flotilla/passphrase"],
  [
    "in APPDATA on Windows",
    { platform: "win32", environment: { APPDATA: "HOME/app" } },
    "app/flotilla/passphrase",
  ],
  ["in the usual folder on Windows", { platform: "win32" }, "AppData/Roaming/flotilla/passphrase"],
];

for (const [where, differences, expected] of places) {
  test(`a passphrase is made once, for its owner only, ${where}`, (t) => {
    const home = temporaryFolder(t);
    const environment = Object.fromEntries(
      Object.entries(differences.environment ?? {}).map(([name, value]) => [
        name,
        value?.replace("HOME", home),
      ]),
    );
    const here = { ...machine(home), ...differences, environment };
    const passphrase = resolvePassphrase(here);
    assert.match(passphrase, /^[\w-]{43}$/);
    const file = path.join(home, expected);
    assert.equal(readFileSync(file, "utf8"), `${passphrase}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(resolvePassphrase(here), passphrase);
  });
}

test("two users have two passphrases", (t) => {
  assert.notEqual(
    resolvePassphrase(machine(temporaryFolder(t))),
    resolvePassphrase(machine(temporaryFolder(t))),
  );
});
