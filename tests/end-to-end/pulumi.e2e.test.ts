import assert from "node:assert/strict";
import { test } from "node:test";
import { pulumiIsOnPath } from "../../infra/cli/engines/search-path";
import { newUser, request } from "./client";
import { DockerDriver } from "./docker-driver";

const skip = pulumiIsOnPath(process.env, process.platform) ? false : "Pulumi's CLI is not on the PATH";

test("the shop by Pulumi's CLI, and handed over between the engines", {
  skip,
  timeout: 30 * 60_000,
}, async (t) => {
  const shop = await DockerDriver.create("e2e-cli", { httpPort: 18082, registryKind: "etcd" });
  t.after(() => shop.down());
  const step = async (engine: DockerDriver["engine"], verb: string, ...options: string[]) => {
    shop.engine = engine;
    const { exitCode, output } = await (verb === "up" ? shop.up() : shop.command(verb, ...options));
    assert.equal(exitCode, 0, output);
  };

  await t.test("the CLI brings it up and it serves", async () => {
    await step("pulumi", "up");
    assert.equal((await request(shop.url, "POST", "/users", newUser())).status, 201);
  });
  const made = await shop.running();

  await t.test("up again by the CLI changes nothing", async () => {
    await step("pulumi", "preview", "--expect-no-changes");
    await step("pulumi", "up");
    assert.deepEqual(await shop.running(), made);
  });

  await t.test("our engine takes it over with 0 changes, and gives it back so", async () => {
    await step("embedded", "preview", "--expect-no-changes");
    await step("embedded", "up");
    await step("embedded", "refresh");
    await step("pulumi", "preview", "--expect-no-changes");
    assert.deepEqual(await shop.running(), made);
  });

  await t.test("the CLI removes it and leaves nothing", async () => {
    shop.engine = "pulumi";
    const { exitCode, output } = await shop.down();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await shop.leftovers(), []);
  });
});
