import assert from "node:assert/strict";
import { test } from "node:test";
import { fromCents, toCents } from "../src/money";
import { totalOf } from "../src/order";

test("amounts with at most two decimals become whole cents", () => {
  assert.equal(toCents(19.99), 1999);
  assert.equal(toCents(1.15), 115);
  assert.equal(toCents(0.29), 29);
  assert.equal(toCents(1_000_000), 100_000_000);
});

test("every amount of cents up to 100,000 comes back as it was", () => {
  for (let cents = 0; cents <= 100_000; cents++) assert.equal(toCents(fromCents(cents)), cents);
});

test("a fraction of a cent is refused", () => {
  for (const amount of [1.005, 0.001, 0.1 + 0.2, 1e-9]) assert.equal(toCents(amount), undefined);
});

test("a total is exact where the same sum in floating point is not", () => {
  assert.notEqual(3 * 0.1 + 0.3, 0.6);
  const items = [
    { sku: "a", quantity: 3, unitPrice: 0.1 },
    { sku: "b", quantity: 1, unitPrice: 0.3 },
  ];
  assert.equal(totalOf(items), 0.6);
});
