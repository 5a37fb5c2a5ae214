import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { breakLock, exportStack, importStack, listStacks, removeStack, stackHistory, stackOutputs } from ".";
import { BackendLayout } from "./state/backend";
import { TestStack } from "./testing/test-stack";
import { secret } from "./wire/values";

let stack: TestStack;
let location: { directory: string; stack: string; backendUrl: string; passphrase: string };

const holder = {
  pid: process.pid,
  username: "ada",
  hostname: "elsewhere",
  timestamp: "2026-01-01T00:00:00Z",
};

function lock(): void {
  mkdirSync(stack.layout.lockDirectory, { recursive: true });
  writeFileSync(path.join(stack.layout.lockDirectory, "other.json"), JSON.stringify(holder));
}

suite("stacks", () => {
  beforeEach(async () => {
    stack = new TestStack();
    writeFileSync(path.join(stack.directory, "Pulumi.yaml"), "name: test\nruntime: nodejs\n");
    location = {
      ...{ directory: stack.directory, backendUrl: `file://${stack.directory}` },
      ...{ stack: "s", passphrase: "correct horse" },
    };
    await stack.up(async ({ thing }) => void (await thing("first", { value: secret("swordfish-9") })));
  });
  afterEach(() => stack.remove());

  test("are listed with what they hold, and who has them locked", async () => {
    lock();
    const [found, ...others] = await listStacks(location);
    assert.deepEqual(others, []);
    const { time } = stack.stored().manifest;
    assert.deepEqual(found, {
      name: "s",
      project: "test",
      lastUpdate: time,
      resourceCount: 3,
      lockedBy: [holder],
    });
    assert.deepEqual(await breakLock(location), [holder]);
    assert.deepEqual((await listStacks(location))[0].lockedBy, []);
  });

  test("go out sealed or in plain, and come back in", async () => {
    const sealed = await exportStack(location);
    assert.deepEqual(sealed, { version: 3, deployment: stack.stored() });
    const open = await exportStack({ ...location, showSecrets: true });
    const { value } = open.deployment.resources.at(-1).inputs;
    assert.equal(JSON.parse(value.plaintext), "swordfish-9");
    await stack.destroy();
    assert.deepEqual(await importStack({ ...location, deployment: open }), []);
    assert.ok(!JSON.stringify(stack.stored()).includes("swordfish"));
    await stack.up(async ({ thing }) => void (await thing("first", { value: secret("swordfish-9") })));
    assert.deepEqual(stack.steps, []);
  });

  test("of another name or an inconsistent state are refused, unless forced", async () => {
    const deployment = await exportStack(location);
    deployment.deployment.resources.splice(0, 1);
    for (const resource of deployment.deployment.resources)
      resource.urn = resource.urn.replace(":s::", ":other::");
    deployment.deployment.pending_operations = [
      { type: "creating", resource: deployment.deployment.resources[0] },
    ];
    const urn = (rest: string) => `urn:pulumi:other::test::${rest}`;
    const problems = [
      `${urn("pulumi:providers:fake::default")} is of another stack than s.`,
      `${urn("fake:index:Thing::first")} is of another stack than s.`,
    ];
    await assert.rejects(importStack({ ...location, deployment }), ({ message }: Error) =>
      message.startsWith(`It was not imported:\n${problems.join("\n")}\nThe state would become inconsistent`),
    );
    assert.equal(stack.stored().resources.length, 3);
    const told = await importStack({ ...location, deployment, force: true });
    assert.deepEqual(
      [told.length, told[3]],
      [
        4,
        `The operation "creating" of ${urn("pulumi:providers:fake::default")} was under way and is forgotten.`,
      ],
    );
    assert.equal(stack.stored().resources.length, 2);
  });

  test("are removed only when nothing is left, or by force", async () => {
    await assert.rejects(removeStack(location), {
      message: "The stack s still has 2 resources. Destroy it first.",
    });
    await removeStack({ ...location, force: true });
    assert.deepEqual([await listStacks(location), await stackOutputs(location)], [[], {}]);
    await assert.rejects(exportStack(location), {
      message: `There is no stack s of the project test in ${location.backendUrl}.`,
    });
  });

  test("have a history, latest first, whose states can be exported", async () => {
    const runs = await stackHistory(location);
    assert.deepEqual(
      runs.map(({ version, kind, resourceChanges }) => [version, kind, resourceChanges]),
      [[1, "update", { create: 2 }]],
    );
    assert.deepEqual(await exportStack({ ...location, version: 1 }), await exportStack(location));
    const { layout } = stack;
    assert.deepEqual(BackendLayout.stacks(location.backendUrl, "test"), [layout.stack]);
    await assert.rejects(exportStack({ ...location, version: 2 }), {
      message: "version must be 1 to 1, as the history has it, got 2.",
    });
  });
});
