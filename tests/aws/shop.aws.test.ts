import assert from "node:assert/strict";
import { after, test } from "node:test";
import { newUser, request } from "../end-to-end/client";
import { shopGoes, shopStory } from "../end-to-end/shop-suite";
import { EcsDriver } from "./ecs-driver";

test("the shop on ECS: the registered task definitions run on local Docker by ECS's rules", {
  timeout: 20 * 60_000,
}, async (t) => {
  const shop = await EcsDriver.create("e2e-ecs", { httpPort: 18480, registryKind: "native" });
  after(() => shop.close());

  await shopStory(t, shop);

  await t.test("a task is reached by its declared callers, and by nobody else", async () => {
    assert.equal(await shop.reaches("orders", "payments", 5001), true);
    assert.equal(await shop.reaches("orders", "payments", 5000), false);
    assert.equal(await shop.reaches("users", "payments", 5001), false);
    assert.equal(await shop.reaches("payments", "edge", 8080), false);
  });

  await t.test("ps tells each task, logs --follow what is written meanwhile", async () => {
    const { output } = await shop.command("ps");
    for (const workload of ["edge", "orders", "payments", "redis", "users"]) {
      assert.match(output, new RegExp(`^${workload} +[0-9a-f]{8} +(\\d)/\\1 +healthy `, "m"));
    }
    const answered = async () => {
      const { headers } = await request(shop.url, "POST", "/users", newUser());
      return headers.get("x-request-id")!;
    };
    assert.equal(await shop.follow("users", answered), 0);
  });

  await t.test("doctor sees the account; port-forward and export say what they cannot do", async () => {
    const doctor = await shop.command("doctor");
    assert.equal(doctor.exitCode, 0, doctor.output);
    assert.match(doctor.output, /^✓ The embedded engine makes what is at AWS/m);
    assert.match(doctor.output, /AWS answers in eu-central-1, with 1 ECS cluster$/m);
    const forward = await shop.command("port-forward", "payments", "5000");
    assert.equal(forward.exitCode, 1, forward.output);
    assert.match(forward.output, /^port-forward is not served on AWS ECS: /m);
    const exported = await shop.command("export", "kubernetes");
    assert.equal(exported.exitCode, 1, exported.output);
    assert.match(exported.output, /^There are manifests of stacks on Kubernetes only: .* is "ecs"/m);
  });

  await t.test("graph draws the stack's own registry", async () => {
    const { exitCode, output } = await shop.command("graph", "--format", "mermaid");
    assert.equal(exitCode, 0, output);
    assert.match(output, /^flowchart /m);
    assert.match(output, /"registry native"/);
  });

  await shopGoes(t, shop);

  await t.test("no task failed to start, and the runner itself never did", () => {
    assert.deepEqual(shop.account.runner.failures, []);
  });
});
