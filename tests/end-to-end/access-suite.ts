/** Who may see what at the shop, on any target: their own, or everything as the administrator. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Answer, Customer, request, until } from "./client";
import type { Driver } from "./driver";

const TEA = [{ sku: "tea", quantity: 1, unitPrice: 1 }];

/** By the password that the stack puts out. */
export async function logInAsAdmin(driver: Driver): Promise<Customer> {
  const { exitCode, output } = await driver.command("outputs", "--json", "--show-secrets");
  assert.equal(exitCode, 0, output);
  const outputs = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
  assert.match(outputs["admin-password"], /^[A-Za-z0-9]{32}$/);
  return Customer.logIn(driver.url, "admin@example.com", outputs["admin-password"]);
}

function assertRefused({ status, body, headers }: Answer, expected: number, error: string): void {
  assert.deepEqual([status, body.error], [expected, error], JSON.stringify(body));
  assert.equal(body.requestId, headers.get("x-request-id"));
}

export async function whoMaySeeWhat(t: TestContext, driver: Driver): Promise<void> {
  const get = (path: string, headers: Record<string, string> = {}) =>
    request(driver.url, "GET", path, undefined, headers);

  await t.test("without a token only registering and logging in is open", async () => {
    for (const path of ["/users/me", "/orders", "/payments", "/payments/mine", "/overview"]) {
      assertRefused(await get(path), 401, "unauthorized");
    }
    const order = await request(driver.url, "POST", "/orders", { items: TEA });
    assertRefused(order, 401, "unauthorized");
    const wrong = await request(driver.url, "POST", "/login", {
      email: "admin@example.com",
      password: "admin",
    });
    assertRefused(wrong, 401, "invalid_credentials");
  });

  await t.test(
    "a token that was tampered with, and headers that only the gateway writes, open nothing",
    async () => {
      const { headers } = await Customer.register(driver.url);
      const [head, payload, signature] = headers.authorization.slice("Bearer ".length).split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
      const forged = Buffer.from(JSON.stringify({ ...claims, roles: ["admin"] })).toString("base64url");
      const unsigned = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
      for (const token of [`${head}.${forged}.${signature}`, `${unsigned}.${forged}.`, "x"]) {
        assertRefused(await get("/payments", { authorization: `Bearer ${token}` }), 401, "unauthorized");
      }
      const claimed = { "x-user-id": "admin", "x-user-roles": '["admin"]' };
      assertRefused(await get("/payments", claimed), 401, "unauthorized");
      assertRefused(await get("/payments", { ...claimed, ...headers }), 403, "forbidden");
      assert.equal((await get("/users/me", { ...claimed, ...headers })).body.id, claims.sub);
    },
  );

  await t.test("users see only their own, and what is others' is as if it were not there", async () => {
    const [one, other] = [await Customer.register(driver.url), await Customer.register(driver.url)];
    const { id } = (await one.order(TEA)).body;
    const me = (await one.get("/users/me")).body.id;
    assert.equal((await one.get(`/orders/${id}`)).body.userId, me);
    assertRefused(await other.get(`/orders/${id}`), 404, "not_found");
    assertRefused(await other.get(`/users/${me}`), 404, "not_found");
    assert.deepEqual((await other.get("/orders")).body, { orders: [] });
    assert.deepEqual((await other.get("/payments/mine")).body, { payments: [] });
    const { payments } = (await one.get("/payments/mine")).body as { payments: Record<string, unknown>[] };
    assert.deepEqual(
      payments.map(({ orderId, userId, status, amount }) => ({ orderId, userId, status, amount })),
      [{ orderId: id, userId: me, status: "paid", amount: 1 }],
    );
  });

  await t.test("all payments are for the administrator, whose password is a secret output", async () => {
    const customer = await Customer.register(driver.url);
    const { id } = (await customer.order(TEA)).body;
    assertRefused(await customer.get("/payments"), 403, "forbidden");
    const hidden = await driver.command("outputs", "--json");
    assert.match(hidden.output, /"admin-password": "\[secret\]"/);
    const admin = await logInAsAdmin(driver);
    const { status, body } = await admin.get("/payments?limit=1");
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(
      (body.payments as { orderId: string }[]).map(({ orderId }) => orderId),
      [id],
    );
    assertRefused(await admin.get(`/orders/${id}`), 404, "not_found");
  });
}

/** The overview, while all is well and while payments is dead; its one replica is dead afterwards. */
export async function overviewStory(t: TestContext, driver: Driver): Promise<void> {
  await t.test("the overview joins user, orders and payments, and says which is missing", async () => {
    const customer = await Customer.register(driver.url);
    const order = (await customer.order(TEA)).body;
    const whole = await customer.get("/overview");
    assert.equal(whole.status, 200, JSON.stringify(whole.body));
    const [user, orders, payments] = await Promise.all(
      ["/users/me", "/orders", "/payments/mine"].map(async (path) => (await customer.get(path)).body),
    );
    assert.deepEqual(whole.body, { user, orders, payments, unavailable: [] });
    assert.equal((payments.payments as { orderId: string }[])[0].orderId, order.id);

    await driver.kill("payments", 1);
    const isPartial = ({ body }: Answer) => ((body.unavailable ?? []) as string[]).length > 0;
    const partial = await until(15, () => customer.get("/overview"), isPartial);
    assert.equal(partial.status, 200, JSON.stringify(partial.body));
    assert.deepEqual(partial.body, { user, orders, unavailable: ["payments"] });
  });
}
