/** The shop's story on any target: it comes up, serves, grows, survives a crash, changes under load, and goes. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { logInAsAdmin, overviewStory, whoMaySeeWhat } from "./access-suite";
import { Customer, newUser, request, SteadyLoad, until } from "./client";
import type { Driver, Overrides } from "./driver";

// A range of one, so that no target's autoscaler adds to them under the story's load.
const ONE_USER: Overrides = { users: { replicas: { min: 1, max: 1 } } };
const TWO_USERS: Overrides = { users: { replicas: { min: 2, max: 2 } } };

export async function shopStory(t: TestContext, driver: Driver): Promise<void> {
  const post = (path: string, body: unknown) => request(driver.url, "POST", path, body);
  const tea = [{ sku: "tea", quantity: 1, unitPrice: 1 }];
  let customer: Customer;

  await t.test("up brings the shop up from nothing and prints its URL", async () => {
    const { exitCode, output } = await driver.up(ONE_USER);
    assert.equal(exitCode, 0, output);
    assert.ok(output.includes(driver.url), output);
  });

  await t.test("a user is made, logs in and finds themselves, without the password", async () => {
    const user = newUser();
    const made = await post("/users", user);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id } = made.body;
    customer = await Customer.logIn(driver.url, user.email, user.password);
    // The gateway fetches the keys of tokens by itself, which may take it a moment after its start.
    const found = await until(
      10,
      () => customer.get("/users/me"),
      ({ status }) => status !== 401,
    );
    assert.equal(found.status, 200, JSON.stringify(found.body));
    assert.deepEqual(found.body, { id, name: user.name, email: user.email });
    assert.deepEqual((await customer.get(`/users/${id}`)).body, found.body);
  });

  await t.test("an order finds its user and is paid", async () => {
    const items = [
      { sku: "tea", quantity: 2, unitPrice: 3.5 },
      { sku: "cup", quantity: 1, unitPrice: 12.05 },
    ];
    const made = await customer.order(items);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.status, "paid");
    assert.equal(made.body.total, 19.05);
    const found = await customer.get(`/orders/${made.body.id}`);
    assert.equal(found.status, 200);
    assert.equal(found.body.total, 19.05);
    assert.deepEqual((await customer.get("/orders")).body, { orders: [found.body] });
  });

  await t.test("a bad body is refused with the field named, an unknown route with JSON", async () => {
    const badUser = await post("/users", { ...newUser(), email: "nobody" });
    assert.equal(badUser.status, 400);
    assert.equal(badUser.body.field, "email");
    const badOrder = await customer.order([{ sku: "tea", quantity: 0, unitPrice: 1 }]);
    assert.equal(badOrder.status, 400);
    assert.equal(badOrder.body.field, "items[0].quantity");
    const unknown = await request(driver.url, "GET", "/nowhere");
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.error, "not_found");
    assert.equal(unknown.body.requestId, unknown.headers.get("x-request-id"));
  });

  await whoMaySeeWhat(t, driver);

  await t.test(
    "exec runs a command in a replica, and port-forward reaches what no route leads to",
    async () => {
      const ran = await driver.command("exec", "payments", "--", "sh", "-c", "echo $((6 * 7)); exit 7");
      if (driver.refusesExec !== undefined) {
        assert.equal(ran.exitCode, 1, ran.output);
        assert.match(ran.output, driver.refusesExec);
        return;
      }
      assert.equal(ran.exitCode, 7, ran.output);
      assert.equal(ran.output, "42\n");
      const missing = await driver.command("exec", "payments", "--", "no-such-program");
      assert.equal(missing.exitCode, 1);
      assert.match(missing.output, /^"no-such-program" cannot be run there: /);
      const forwarded = await driver.portForward("payments", 5000);
      const ready = await request(forwarded.url, "GET", "/readyz");
      assert.equal(await forwarded.end(), 0);
      assert.equal(ready.status, 200);
      await assert.rejects(request(forwarded.url, "GET", "/readyz"));
    },
  );

  await t.test("up again changes nothing and restarts no container", async () => {
    const before = await driver.running();
    const { exitCode, output } = await driver.up(ONE_USER);
    assert.equal(exitCode, 0, output);
    assert.match(output, /\b0 changes\b/);
    assert.deepEqual(await driver.running(), before);
  });

  await t.test("a second replica is found and used, and nothing else restarts", async () => {
    const before = await driver.running();
    assert.equal((await driver.instances("orders", "users")).length, 1);
    const { exitCode, output } = await driver.up(TWO_USERS);
    assert.equal(exitCode, 0, output);
    const instances = await until(
      driver.scalesWithinSeconds,
      () => driver.instances("orders", "users"),
      (found) => found.length === 2,
    );
    assert.equal(new Set(instances).size, 2);
    for (const [name, container] of before) {
      assert.deepEqual((await driver.running()).get(name), container, name);
    }
    await until(
      10,
      async () => {
        const { headers } = await customer.get("/users/me");
        const logs = await driver.logs("users", 2);
        return logs.includes(headers.get("x-request-id") ?? "no request id");
      },
      (served) => served,
    );
  });

  await t.test("a crashed replica is never chosen, and is gone from look-ups within 15 seconds", async () => {
    const before = await driver.instances("orders", "users");
    const load = new SteadyLoad(() => customer.get("/users/me"), 200, { perSecond: 20, most: 2000 });
    await driver.kill("users", 2);
    // A target that starts it again by itself gives it another address.
    await until(
      15,
      () => driver.instances("orders", "users"),
      (found) => found.filter((address) => before.includes(address)).length === 1,
    );
    const { requests, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 0);
  });

  await overviewStory(t, driver);

  await t.test("refresh notices the crashes and up heals them", async () => {
    const refreshed = await driver.command("refresh");
    assert.equal(refreshed.exitCode, 0, refreshed.output);
    const { exitCode, output } = await driver.up(TWO_USERS);
    assert.equal(exitCode, 0, output);
    await until(
      5,
      () => driver.instances("orders", "users"),
      (found) => found.length === 2,
    );
  });

  await t.test("a changed service is replaced with no failed request", async () => {
    const reads = new SteadyLoad(() => customer.get("/users/me"), 200, { perSecond: 20, most: 6000 });
    const writes = new SteadyLoad(() => customer.order(tea), 201, { perSecond: 5, most: 1500 });
    const before = await driver.instances("orders", "users");
    const { exitCode, output } = await driver.up({
      users: { ...TWO_USERS.users, metadata: { version: "2" } },
    });
    assert.equal(exitCode, 0, output);
    const [readResult, writeResult] = [await reads.stop(), await writes.stop()];
    assert.deepEqual([...readResult.failures, ...writeResult.failures], []);
    assert.ok(readResult.requests > 100, `only ${readResult.requests} requests were sent`);
    // Where a target lets old replicas drain while its rollout counts as done, they leave the look-ups a moment later.
    await until(
      15,
      () => driver.instances("orders", "users"),
      (found) => found.length === 2 && !found.some((address) => before.includes(address)),
    );
  });

  await t.test("what was stored before is still there", async () => {
    assert.equal((await customer.get("/users/me")).status, 200);
  });

  await t.test("ps and logs show the stack, outputs its URL", async () => {
    const ps = await driver.command("ps");
    assert.equal(ps.exitCode, 0, ps.output);
    assert.match(ps.output, /orders/);
    const logs = await driver.command("logs", "orders");
    assert.match(logs.output, /requestId/);
    const outputs = await driver.command("outputs", "--json");
    assert.equal(outputs.exitCode, 0, outputs.output);
    assert.ok(outputs.output.includes(`"${driver.url}"`), outputs.output);
  });
}

export async function shopGoes(t: TestContext, driver: Driver): Promise<void> {
  await t.test("down --keep-data keeps the volumes alone, and the next up finds the data again", async () => {
    const customer = await Customer.register(driver.url);
    const { body } = await customer.get("/users/me");
    const kept = await driver.command("down", "--keep-data");
    assert.equal(kept.exitCode, 0, kept.output);
    const leftovers = await driver.leftovers();
    assert.equal(leftovers.length, driver.keptData.length, leftovers.join(", "));
    for (const [index, kept] of driver.keptData.entries()) {
      assert.match(leftovers[index], kept);
    }
    const { exitCode, output } = await driver.up(ONE_USER);
    assert.equal(exitCode, 0, output);
    // The new stack has a new key, so old tokens are worth nothing, and a new password for the old administrator.
    assert.equal((await customer.get("/users/me")).status, 401);
    const taken = await request(driver.url, "POST", "/users", { ...newUser(), email: body.email });
    assert.equal(taken.body.error, "email_taken");
    const admin = await logInAsAdmin(driver);
    const payments = await until(
      10,
      () => admin.get("/payments"),
      ({ status }) => status !== 401,
    );
    assert.equal(payments.status, 200, JSON.stringify(payments.body));
  });

  await shopLeavesNothing(t, driver);
}

export async function shopLeavesNothing(t: TestContext, driver: Driver): Promise<void> {
  await t.test("down names the volumes that it deletes and leaves nothing behind", async () => {
    const { exitCode, output } = await driver.down();
    assert.equal(exitCode, 0, output);
    assert.match(output, driver.dataVolume);
    assert.deepEqual(await driver.leftovers(), []);
    await assert.rejects(request(driver.url, "GET", "/users/1"));
  });
}
