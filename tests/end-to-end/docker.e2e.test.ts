import assert from "node:assert/strict";
import { after, test } from "node:test";
import { request, until } from "./client";
import { DockerDriver } from "./docker-driver";
import { assertHardened } from "./docker-hardening";
import { shopGoes, shopStory } from "./shop-suite";

test("the shop on local Docker", { timeout: 40 * 60_000 }, async (t) => {
  const shop = await DockerDriver.create("e2e", { httpPort: 18080, registryKind: "etcd" });
  const neighbour = await DockerDriver.create("e2e-native", { httpPort: 18081, registryKind: "native" });
  after(async () => {
    await neighbour.down();
    await shop.down();
  });

  await shopStory(t, shop);

  await t.test("every container runs hardened, as the daemon itself says", () => assertHardened(shop));

  await t.test("a second stack with native names lives beside the first one", async () => {
    const { exitCode, output } = await neighbour.up({ users: { replicas: { min: 2, max: 4 } } });
    assert.equal(exitCode, 0, output);
    const instances = await until(
      5,
      () => neighbour.instances("orders", "users"),
      (found) => found.length === 2,
    );
    await neighbour.kill("users", 2);
    const left = await until(
      15,
      () => neighbour.instances("orders", "users"),
      (found) => found.length === 1,
    );
    assert.ok(instances.includes(left[0]));
    for (const { url } of [shop, neighbour]) {
      assert.equal((await request(url, "GET", "/users/unknown")).status, 404);
    }
  });

  await t.test("a host port in use is found before anything is made, and its holder named", async () => {
    const third = await DockerDriver.create("e2e-clash", { httpPort: 18080, registryKind: "etcd" });
    const { exitCode, output } = await third.up();
    assert.equal(exitCode, 1, output);
    assert.match(output, /18080/);
    assert.match(output, /edge-public/);
    assert.deepEqual(await third.leftovers(), []);
    assert.equal((await third.down()).exitCode, 0);
  });

  await t.test("a service that does not become healthy fails the run with its last log lines", async () => {
    const broken = {
      orders: {
        command: ["-e", "console.log('the tea is cold'); setInterval(() => {}, 1000)"],
        entrypoint: ["node"],
      },
    };
    const { exitCode, output } = await neighbour.up(broken);
    assert.equal(exitCode, 1, output);
    assert.match(output, /the tea is cold/);
    assert.match(output, /orders/);
    assert.equal(
      (await request(neighbour.url, "GET", "/orders/unknown")).status,
      404,
      "the old replica still serves",
    );
  });

  await t.test("the neighbour goes and leaves the first stack alone", async () => {
    const before = await shop.running();
    const { exitCode, output } = await neighbour.down();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await neighbour.leftovers(), []);
    assert.deepEqual(await shop.running(), before);
  });

  await shopGoes(t, shop);
});
