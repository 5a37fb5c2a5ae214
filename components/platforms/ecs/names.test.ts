import assert from "node:assert/strict";
import { test } from "node:test";
import { limited } from "./names";

test("a name within the limit stays as it is", () => {
  assert.equal(limited("flotilla-shop-prod-edge-public", 32), "flotilla-shop-prod-edge-public");
});

test("a longer one is cut, differs from others that begin the same, and stays the same", () => {
  const first = limited("flotilla-shop-production-edge-http-8080", 32);
  const second = limited("flotilla-shop-production-edge-http-8081", 32);
  assert.match(first, /^flotilla-shop-productio-[0-9a-f]{8}$/);
  assert.equal(first.length, 32);
  assert.notEqual(first, second);
  assert.equal(limited("flotilla-shop-production-edge-http-8080", 32), first);
});

test("no name ends with two dashes before its hash, as load balancers take none", () => {
  assert.match(limited("abcdefghijklmnopqrstuv--xyz-and-more", 32), /^[a-v]+-[0-9a-f]{8}$/);
});
