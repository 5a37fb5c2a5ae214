import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { UsageError, UserError } from "../errors";
import { temporaryFolder } from "../testing";
import { type Choice, chooseEngine, EngineRecord } from "./choice";
import { pulumiIsOnPath, withFolderFirst } from "./search-path";

const fresh: Choice = {
  asked: undefined,
  recorded: undefined,
  backendUrl: "file:///state",
  hasPulumi: false,
};

const choices: [string, Partial<Choice>, { name: string; reason: string }][] = [
  ["new, without the CLI", {}, { name: "embedded", reason: "no Pulumi CLI is on the PATH" }],
  ["new, with the CLI", { hasPulumi: true }, { name: "pulumi", reason: "the Pulumi CLI is on the PATH" }],
  [
    "made by the embedded engine, with the CLI",
    { recorded: "embedded", hasPulumi: true },
    { name: "embedded", reason: "it made this stack" },
  ],
  [
    "told to change",
    { recorded: "pulumi", asked: "embedded", hasPulumi: true },
    { name: "embedded", reason: "asked for by --engine" },
  ],
  [
    "in another backend, with the CLI",
    { backendUrl: "s3://bucket", hasPulumi: true },
    { name: "pulumi", reason: "the Pulumi CLI is on the PATH" },
  ],
];

for (const [stack, differences, expected] of choices) {
  test(`the engine of a stack ${stack} is ${expected.name}`, () => {
    assert.deepEqual(chooseEngine({ ...fresh, ...differences }), expected);
  });
}

const refused: [Partial<Choice>, typeof UserError, string][] = [
  [{ asked: "terraform" }, UsageError, '--engine must be "pulumi" or "embedded", got "terraform".'],
  [
    { asked: "pulumi" },
    UserError,
    "--engine pulumi asks for the Pulumi CLI, which is not on the PATH. Install it, or write --engine embedded.",
  ],
  [
    { recorded: "pulumi" },
    UserError,
    "The Pulumi CLI made this stack, and is not on the PATH. Install it, or write --engine embedded.",
  ],
  [
    { backendUrl: "https://me:secret@pulumi.example.com" },
    UserError,
    "The backend https://pulumi.example.com needs the Pulumi CLI, which is not on the PATH: the embedded engine works with file:// backends only.",
  ],
  [
    { backendUrl: "s3://bucket", recorded: "embedded", hasPulumi: true },
    UserError,
    "The backend s3://bucket needs the Pulumi CLI; write --engine pulumi: the embedded engine works with file:// backends only.",
  ],
];

for (const [differences, kind, message] of refused) {
  test(`refuses: ${message}`, () => {
    assert.throws(
      () => chooseEngine({ ...fresh, ...differences }),
      (error) => error instanceof kind && error.message === message,
    );
  });
}

test("the record keeps each stack's engine until it is forgotten", (t) => {
  const directory = temporaryFolder(t);
  const record = new EngineRecord(directory);
  assert.equal(record.get("dev"), undefined);
  record.set("dev", "embedded");
  record.set("blue", "pulumi");
  const file = path.join(directory, ".flotilla/engines.json");
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { dev: "embedded", blue: "pulumi" });
  record.forget("dev");
  assert.equal(new EngineRecord(directory).get("dev"), undefined);
  assert.equal(new EngineRecord(directory).get("blue"), "pulumi");
});

test("a spoilt record is refused with what to do", (t) => {
  const directory = temporaryFolder(t);
  const file = path.join(directory, ".flotilla/engines.json");
  mkdirSync(path.dirname(file));
  writeFileSync(file, "{");
  assert.throws(() => new EngineRecord(directory).get("dev"), {
    message: `${file} is not valid JSON. Delete it, and name the engine by --engine once.`,
  });
  writeFileSync(file, '{"dev":"terraform"}');
  assert.throws(() => new EngineRecord(directory).get("dev"), {
    message: `${file}: the engine of "dev" must be "pulumi" or "embedded", got "terraform".`,
  });
});

test("the CLI is found on the PATH, by the name that the system gives it", (t) => {
  const folder = temporaryFolder(t);
  const found = (name: string, platform: NodeJS.Platform) =>
    pulumiIsOnPath({ [name]: [path.join(folder, "none"), folder].join(path.delimiter) }, platform);
  assert.equal(found("PATH", "linux"), false);
  writeFileSync(path.join(folder, "pulumi"), "");
  assert.equal(found("PATH", "linux"), false);
  chmodSync(path.join(folder, "pulumi"), 0o755);
  assert.equal(found("PATH", "linux"), true);
  assert.equal(found("Path", "win32"), false);
  writeFileSync(path.join(folder, "pulumi.exe"), "", { mode: 0o755 });
  assert.equal(found("Path", "win32"), true);
  assert.equal(pulumiIsOnPath({}, "linux"), false);
});

test("a folder goes before the PATH, whatever its name's case", () => {
  assert.deepEqual(withFolderFirst({ Path: "/bin", A: "1" }, "/node"), {
    Path: ["/node", "/bin"].join(path.delimiter),
    A: "1",
  });
  assert.deepEqual(withFolderFirst({}, "/node"), { PATH: "/node" });
});
