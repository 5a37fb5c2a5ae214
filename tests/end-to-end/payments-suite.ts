/** What the shop promises of payments on any target: calls find all replicas, and an order is paid once whoever dies. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Buyers } from "./buyers";
import { Customer, until } from "./client";
import type { Driver, Overrides } from "./driver";

const TWO_OF_EACH: Overrides = { orders: { replicas: 2 }, payments: { replicas: 2 } };
const PAY = '"route":"/flotilla.shop.payments.v1.Payments/Pay","status":"OK"';

/** Runs in payments, the one service that may read its data: no route leads there. */
const AUDIT = `
import json, os, redis
password = open(os.environ["REDIS_PASSWORD_FILE"]).read().rstrip()
store = redis.Redis.from_url(os.environ["REDIS_URL"], password=password, decode_responses=True)
# First: an order that is settled while the payments are read would be missing among them, and not be pending either.
pending = store.zcard("orders:pending")
# A scan may tell a key twice.
keys = set(store.scan_iter("payments:payment:*", count=1000))
payments = [json.loads(store.get(key)) for key in keys]
paid = [payment["order_id"] for payment in payments if payment["status"] == "paid"]
print(json.dumps({"paid": paid, "pending": pending}))
`;

interface Audit {
  /** The order of each payment that was ever made. */
  paid: string[];
  /** Orders that nobody has settled yet. */
  pending: number;
}

/** `inPayments` runs a command in the first replica of payments and returns its output. */
export async function paymentsStory(
  t: TestContext,
  driver: Driver,
  inPayments: (command: string[]) => Promise<string>,
): Promise<void> {
  const audit = async (): Promise<Audit> => JSON.parse(await inPayments(["python3", "-c", AUDIT]));
  let customer: Customer;

  const up = async () => {
    const { exitCode, output } = await driver.up(TWO_OF_EACH);
    assert.equal(exitCode, 0, output);
    const instances = () => driver.instances("orders", "payments");
    await until(90, instances, (found) => found.length === 2);
  };
  /** Buyers go on while `kill` does its work and `heal` undoes it; then each of their keys is one order, paid once. */
  const paidOnce = async (
    kill: () => Promise<unknown>,
    heal: (buyers: Buyers) => Promise<unknown>,
  ): Promise<Buyers> => {
    const before = await until(30, audit, ({ pending }) => pending === 0);
    const buyers = new Buyers(driver.url, customer, 8);
    await buyers.more(50);
    await kill();
    await heal(buyers);
    await buyers.stop();
    const { paid } = await until(30, audit, ({ pending }) => pending === 0);
    assert.deepEqual(paid.sort(), [...before.paid, ...buyers.orders].sort());
    return buyers;
  };

  await t.test("calls by gRPC are spread over the replicas of payments, one by one", async () => {
    await up();
    customer = await Customer.register(driver.url);
    const counts = () =>
      Promise.all([1, 2].map(async (n) => (await driver.logs("payments", n)).split(PAY).length));
    const before = await counts();
    for (let order = 0; order < 40; order++) {
      const { body } = await customer.order([{ sku: "tea", quantity: 1, unitPrice: 1 }]);
      assert.equal(body.status, "paid");
    }
    const since = async () => (await counts()).map((count, index) => count - before[index]);
    // The last lines of a log may come a moment later.
    const served = await until(10, since, ([first, second]) => first + second >= 40);
    assert.equal(served[0] + served[1], 40);
    assert.ok(Math.min(...served) >= 15, `served ${served}`);
  });

  await t.test("payments killed under load: each key is one order, paid once", async () => {
    await paidOnce(
      () => driver.kill("payments", 2),
      (buyers) => buyers.more(100),
    );
    await driver.command("refresh");
    await up();
  });

  await t.test(
    "orders killed while payments are gone: others settle what it had under way, once",
    async () => {
      const buyers = await paidOnce(
        async () => {
          await Promise.all([driver.kill("payments", 1), driver.kill("payments", 2)]);
          // Now every order waits for its payment.
          await driver.kill("orders", 2);
        },
        async (buyers) => {
          await buyers.more(8);
          await driver.command("refresh");
          await up();
        },
      );
      assert.ok(buyers.tries > 2 * buyers.orders.length, "no buyer noticed that orders was killed");
      for (const id of buyers.orders) {
        assert.equal((await customer.get(`/orders/${id}`)).body.status, "paid");
      }
    },
  );
}
