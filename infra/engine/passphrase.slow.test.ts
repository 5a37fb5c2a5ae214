import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { changePassphrase, exportStack, importStack, StackConfiguration, stackOutputs } from ".";
import { BackendLayout } from "./state/backend";
import { SECRET, SIGNATURE } from "./wire/values";

let directory: string;
const at = (passphrase: string) => ({
  ...{ directory, stack: "s", passphrase },
  backendUrl: `file://${directory}/state`,
});
const layout = () => new BackendLayout(`file://${directory}/state`, "p", "s");
const configured = (passphrase: string) =>
  StackConfiguration.load(directory, "s", () => passphrase).get("token")?.value;
const read = (file: string) => readFileSync(file, "utf8");
const configurationFile = () => path.join(directory, "Pulumi.s.yaml");

const wrong = {
  message:
    "The passphrase does not open this stack's secrets: set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the one that they were sealed with.",
};

suite("another passphrase", () => {
  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "flotilla-passphrase-"));
    writeFileSync(path.join(directory, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
    writeFileSync(configurationFile(), "# ours\nconfig:\n  p:plain: x # stays\n");
    const configuration = StackConfiguration.load(directory, "s", () => "old one");
    configuration.set("token", "hunter2-hunter2", { secret: true });
    configuration.save();
    const urn = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s";
    const password = { [SIGNATURE]: SECRET, plaintext: '"swordfish"' };
    const stack = { urn, custom: false, type: "pulumi:pulumi:Stack", outputs: { password }, someday: "new" };
    await importStack({ ...at("old one"), deployment: { version: 3, deployment: { resources: [stack] } } });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("opens the configuration and the state; the former one does so no more", async () => {
    await changePassphrase({ ...at("old one"), newPassphrase: "new one" });
    assert.equal(configured("new one"), "hunter2-hunter2");
    assert.deepEqual(await stackOutputs(at("new one")), { password: { value: "swordfish", secret: true } });
    assert.throws(() => configured("old one"), wrong);
    await assert.rejects(stackOutputs(at("old one")), wrong);
    assert.equal(existsSync(layout().resealedFile), false);
    assert.match(read(configurationFile()), /^# ours\nconfig:\n {2}p:plain: x # stays\n/);
    const { deployment } = await exportStack(at("new one"));
    assert.deepEqual(
      [deployment.resources[0].someday, `encryptionsalt: ${deployment.secrets_providers.state.salt}`],
      ["new", read(configurationFile()).trim().split("\n").at(-1)],
    );
  });

  test("is refused by a wrong one, an empty one, and while somebody works on the stack", async () => {
    const before = [read(configurationFile()), read(layout().checkpointFile)];
    await assert.rejects(changePassphrase({ ...at("wrong"), newPassphrase: "new one" }), wrong);
    await assert.rejects(
      changePassphrase({ ...at("old one"), newPassphrase: "" }),
      /The new passphrase is empty/,
    );
    assert.deepEqual([read(configurationFile()), read(layout().checkpointFile)], before);
  });

  test("is there for a stack that has no state yet", async () => {
    layout().removeFiles();
    await changePassphrase({ ...at("old one"), newPassphrase: "new one" });
    assert.equal(configured("new one"), "hunter2-hunter2");
    assert.equal(existsSync(layout().checkpointFile), false);
  });

  for (const [when, cutOff] of [
    ["before either file was put in place", () => undefined],
    [
      "between the two",
      ({ configuration }: { configuration: string }) => writeFileSync(configurationFile(), configuration),
    ],
  ] as const) {
    test(`cut off by a crash ${when}, it is finished by whoever comes next`, async () => {
      const before = [read(configurationFile()), read(layout().checkpointFile)];
      await changePassphrase({ ...at("old one"), newPassphrase: "new one" });
      const resealed = {
        configuration: read(configurationFile()),
        checkpoint: read(layout().checkpointFile),
      };
      // What the crash has left.
      writeFileSync(configurationFile(), before[0]);
      writeFileSync(layout().checkpointFile, before[1]);
      writeFileSync(layout().resealedFile, JSON.stringify(resealed));
      cutOff(resealed);
      assert.deepEqual(await stackOutputs(at("new one")), { password: { value: "swordfish", secret: true } });
      assert.equal(configured("new one"), "hunter2-hunter2");
      assert.equal(existsSync(layout().resealedFile), false);
    });
  }
});
