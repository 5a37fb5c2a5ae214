import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReference } from "./tag";

test("a reference is split at its tag, not at the port of its registry", () => {
  const cases: [string, string, string][] = [
    ["shop/users:1", "shop/users", "1"],
    ["127.0.0.1:5000/shop/users:1", "127.0.0.1:5000/shop/users", "1"],
    ["127.0.0.1:5000/shop/users", "127.0.0.1:5000/shop/users", "latest"],
    ["users", "users", "latest"],
  ];
  for (const [reference, repository, tag] of cases) {
    assert.deepEqual(splitReference(reference), { repository, tag });
  }
});
