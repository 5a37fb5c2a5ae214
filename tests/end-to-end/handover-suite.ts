/** The shop between the two engines, on any target: whichever makes it, the other one goes on with it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { newUser, request } from "./client";
import type { CommandDriver } from "./command-driver";
import type { Driver, Overrides } from "./driver";

const CHANGED: Overrides = { users: { metadata: { version: "2" } } };

export async function shopIsHandedOver(t: TestContext, shop: CommandDriver & Driver): Promise<void> {
  const step = async (engine: CommandDriver["engine"], verb: string, ...options: string[]) => {
    shop.engine = engine;
    const { exitCode, output } = await shop.command(verb, ...options);
    assert.equal(exitCode, 0, output);
  };
  const up = async (engine: CommandDriver["engine"], overrides: Overrides = {}) => {
    shop.engine = engine;
    const { exitCode, output } = await shop.up(overrides);
    assert.equal(exitCode, 0, output);
  };
  const goes = async (engine: CommandDriver["engine"]) => {
    shop.engine = engine;
    const { exitCode, output } = await shop.down();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await shop.leftovers(), []);
  };

  await t.test("the CLI brings it up and it serves", async () => {
    await up("pulumi");
    assert.equal((await request(shop.url, "POST", "/users", newUser())).status, 201);
  });

  await t.test("up again by the CLI changes nothing", async () => {
    const made = await shop.running();
    await step("pulumi", "preview", "--expect-no-changes");
    await up("pulumi");
    assert.deepEqual(await shop.running(), made);
  });

  await t.test("our engine takes it over with 0 changes, and gives it back so", async () => {
    const made = await shop.running();
    await step("embedded", "preview", "--expect-no-changes");
    await up("embedded");
    await step("embedded", "refresh");
    await step("pulumi", "preview", "--expect-no-changes");
    assert.deepEqual(await shop.running(), made);
  });

  await t.test(
    "what our engine changes is no change for the CLI, which removes it without a trace",
    async () => {
      await up("embedded", CHANGED);
      await step("pulumi", "preview", "--expect-no-changes");
      await goes("pulumi");
    },
  );

  await t.test("what our engine makes from nothing is the CLI's with 0 changes", async () => {
    await up("embedded");
    const made = await shop.running();
    await step("pulumi", "preview", "--expect-no-changes");
    await up("pulumi");
    assert.deepEqual(await shop.running(), made);
  });

  await t.test(
    "what the CLI changes is no change for our engine, which removes it without a trace",
    async () => {
      await up("pulumi", CHANGED);
      await step("embedded", "preview", "--expect-no-changes");
      await goes("embedded");
    },
  );
}
