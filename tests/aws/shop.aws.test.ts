import assert from "node:assert/strict";
import { after, test } from "node:test";
import { shopLeavesNothing, shopStory } from "../end-to-end/shop-suite";
import { EcsDriver } from "./ecs-driver";

test("the shop on ECS: the registered task definitions run on local Docker by ECS's rules", {
  timeout: 20 * 60_000,
}, async (t) => {
  const shop = await EcsDriver.create("e2e-ecs", { httpPort: 18480, registryKind: "native" });
  after(() => shop.close());

  await shopStory(t, shop);

  await shopLeavesNothing(t, shop);

  await t.test("no task failed to start, and the runner itself never did", () => {
    assert.deepEqual(shop.account.runner.failures, []);
  });
});
