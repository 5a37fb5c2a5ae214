import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Customer, request, SteadyLoad, until } from "./client";
import { DockerDriver } from "./docker-driver";
import { assertHardened } from "./docker-hardening";
import { paymentsStory } from "./payments-suite";
import { shopGoes, shopStory } from "./shop-suite";

test("the shop on local Docker", { timeout: 40 * 60_000 }, async (t) => {
  const shop = await DockerDriver.create("e2e", { httpPort: 18080, registryKind: "etcd" });
  const neighbour = await DockerDriver.create("e2e-native", { httpPort: 18081, registryKind: "native" });
  after(async () => {
    await neighbour.down();
    await shop.down();
  });

  let customer: Customer;

  await shopStory(t, shop);

  await t.test("every container runs hardened, as the daemon itself says", () => assertHardened(shop));

  await t.test("a second stack with native names lives beside the first one", async () => {
    neighbour.architecture = "tests/end-to-end/two-gateways.ts";
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
    customer = await Customer.register(neighbour.url);
    // Each of the two gateways fetches the keys of tokens by itself.
    const tenTimes = () => Promise.all(Array.from({ length: 10 }, () => customer.get("/users/unknown")));
    await until(15, tenTimes, (answers) => answers.every(({ status }) => status === 404));
    // Each stack has a key of its own: the one's token is worth nothing at the other.
    const abroad = await request(shop.url, "GET", "/users/me", undefined, customer.headers);
    assert.deepEqual([abroad.status, abroad.body.error], [401, "unauthorized"]);
  });

  await t.test("a new route reaches both gateways without a restart, and no request is lost", async () => {
    const before = await neighbour.running();
    const load = new SteadyLoad(() => customer.get("/users/unknown"), 404, {
      perSecond: 20,
      most: 2000,
    });
    neighbour.architecture = "tests/end-to-end/another-route.ts";
    const { exitCode, output } = await neighbour.up();
    assert.equal(exitCode, 0, output);
    const ask = () => customer.get("/people/unknown");
    await until(60, ask, ({ body }) => body.message === "There is no user with this id.");
    const { failures } = await load.stop();
    assert.deepEqual(failures, []);
    const gateways = (running: typeof before) => [...running].filter(([name]) => name.startsWith("edge-"));
    assert.deepEqual(gateways(await neighbour.running()), gateways(before));
  });

  await t.test("a crashed gateway replica is left alone, and what hung on it is let go", async () => {
    await neighbour.kill("edge", 1);
    const ask = () =>
      customer.get("/users/unknown").then(
        ({ status }) => status,
        () => 0,
      );
    const tenTimes = async () => Promise.all(Array.from({ length: 10 }, ask));
    await until(25, tenTimes, (statuses) => statuses.every((status) => status === 404));
    const load = new SteadyLoad(() => customer.get("/users/unknown"), 404, {
      perSecond: 20,
      most: 100,
    });
    const { requests, failures } = await load.finish();
    assert.deepEqual(failures, []);
    assert.equal(requests, 100);
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
    assert.equal((await customer.get("/orders/unknown")).status, 404, "the old replica still serves");
  });

  await t.test("the neighbour goes and leaves the first stack alone", async () => {
    const before = await shop.running();
    const { exitCode, output } = await neighbour.down();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await neighbour.leftovers(), []);
    assert.deepEqual(await shop.running(), before);
  });

  await paymentsStory(t, shop, async (command) => {
    const payments = [...(await shop.running())].find(([name]) => /^payments-1-[0-9a-f]{7}$/.test(name));
    assert.ok(payments, "payments has no first replica");
    return shop.execute(payments[1].id, command);
  });

  await shopGoes(t, shop);
});
