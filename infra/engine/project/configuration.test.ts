import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { StackConfiguration } from "./configuration";

const PASSPHRASE = "correct horse";

/** Made with Pulumi 3.260's own `config set`. */
const BY_PULUMI = `# kept
encryptionsalt: v1:gCaY1L8nO/4=:v1:/iSu57Nq9Ssl4Rje:nv+zCCuEaa8wqe2NRDpj9OI4ynu3bA==
config:
  vector:token:
    secure: v1:BJlQkt1WP4a7RmmU:j6PAZcNvg8mJj7NxjfYPHE9KOXSSOQ==
  vector:plain: hello # kept too
  vector:nested:
    key: 5
    inner:
      secure: v1:FRlmEMGq/KvtNCwn:Q0lc1+/DKr3/ue3U/s1OJcajCxxwNQ==
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-configuration-"));
  writeProject("name: vector\nruntime: nodejs\n");
});
afterEach(() => rmSync(directory, { recursive: true }));

function writeProject(text: string): void {
  writeFileSync(path.join(directory, "Pulumi.yaml"), text);
}

const stackFile = () => path.join(directory, "Pulumi.dev.yaml");
const load = (passphrase = PASSPHRASE) => StackConfiguration.load(directory, "dev", () => passphrase);

suite("StackConfiguration", () => {
  test("reads what Pulumi wrote", () => {
    writeFileSync(stackFile(), BY_PULUMI);
    assert.deepEqual(load().entries(), {
      "vector:token": { value: "s3cret", secret: true },
      "vector:plain": { value: "hello", secret: false },
      "vector:nested": { value: '{"key":5,"inner":"hidden"}', secret: true },
    });
    assert.equal(load().get("plain")?.value, "hello");
    assert.equal(load("wrong").get("plain")?.value, "hello"); // needs no passphrase
    assert.throws(() => load("wrong").get("token"), /The passphrase does not open this stack's secrets/);
  });

  test("changes one value and keeps the rest, comments too", () => {
    writeFileSync(stackFile(), BY_PULUMI);
    const configuration = load();
    configuration.set("plain", "bye");
    configuration.setWithin("nested", ["key"], 6);
    configuration.save();
    const expected = BY_PULUMI.replace("plain: hello", "plain: bye").replace("key: 5", "key: 6");
    assert.equal(readFileSync(stackFile(), "utf8"), expected);
  });

  test("starts a file, with a salt once there is a secret", () => {
    const configuration = load();
    configuration.set("docker:host", "unix:///x");
    configuration.save();
    assert.equal(readFileSync(stackFile(), "utf8"), "config:\n  docker:host: unix:///x\n");
    configuration.set("token", "s3cret", { secret: true });
    configuration.save();
    const text = readFileSync(stackFile(), "utf8");
    assert.match(
      text,
      /^config:\n {2}docker:host: unix:\/\/\/x\n {2}vector:token:\n {4}secure: v1:\S+\nencryptionsalt: v1:\S+\n$/,
    );
    assert.deepEqual(load().get("token"), { value: "s3cret", secret: true });
  });

  test("says so where another provider has sealed the secrets", () => {
    writeFileSync(
      stackFile(),
      "secretsprovider: awskms://alias/x\nencryptedkey: eA==\nconfig:\n  vector:token: {secure: eA==}\n  vector:plain: x\n",
    );
    assert.equal(load().get("plain")?.value, "x");
    assert.throws(
      () => load().get("token"),
      /has its secrets with "awskms:\/\/alias\/x", and the embedded engine knows "passphrase" only/,
    );
  });

  test("the project's values stand until the stack has its own", () => {
    writeProject(
      "name: vector\nruntime: {name: nodejs}\nconfig:\n  plain: fallback\n  typed: {type: integer, default: 3}\n" +
        "  aws:region: {value: eu}\n  open: {type: string}\n",
    );
    writeFileSync(stackFile(), "config:\n  vector:plain: own\n");
    assert.deepEqual(load().entries(), {
      "vector:plain": { value: "own", secret: false },
      "vector:typed": { value: "3", secret: false },
      "aws:region": { value: "eu", secret: false },
    });
  });

  for (const [what, project, message] of [
    ["no name", "runtime: nodejs\n", "name must be the project's name, got undefined."],
    [
      "another runtime",
      "name: x\nruntime: go\n",
      'the embedded engine runs programs of the runtime nodejs, got "go".',
    ],
  ] as const) {
    test(`refuses a project with ${what}`, () => {
      writeProject(project);
      assert.throws(() => load(), { message: `${path.join(directory, "Pulumi.yaml")}: ${message}` });
    });
  }
});
