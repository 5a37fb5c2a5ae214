import assert from "node:assert/strict";
import { test } from "node:test";
import { stackPrefix } from "./stack-prefix";

test("plain names stay as they are", () => {
  assert.equal(stackPrefix("flotilla", "shop", "dev"), "flotilla-shop-dev");
  assert.equal(stackPrefix("shop", "shop", "dev2"), "shop-shop-dev2");
});

test("whatever a target refuses is left out of any other name, which ends in a hash", () => {
  const readable: [Parameters<typeof stackPrefix>, string][] = [
    [["Flotilla", "shop", "dev"], "flotilla-shop-dev"],
    [["flotilla", "shop", "a..b"], "flotilla-shop-a-b"],
    [["flotilla", "shop", "a_.-b-"], "flotilla-shop-a-b"],
    [["-my app", "shop", "dev"], "my-app-shop-dev"],
    [["flotilla", "shop", "x".repeat(100)], `flotilla-shop-${"x".repeat(40)}`],
    [["x".repeat(53), "shop", "dev"], "x".repeat(53)],
  ];
  for (const [parts, expected] of readable) {
    const prefix = stackPrefix(...parts);
    assert.match(prefix, /^[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{8}$/);
    assert(prefix.length <= 63, "a namespace's name may have 63 characters");
    assert.equal(prefix.slice(0, -9), expected);
  }
});

test("two projects, platforms or stacks never share a name, also not with what follows it", () => {
  const prefixes = [
    ["a", "b", "c"],
    ["a", "b", "C"],
    ["a", "b", "c-d"],
    ["a", "b", "c.d"],
    ["a", "b-c", "d"],
    ["a-b", "c", "d"],
    ["a", "a", "b"],
    ["a", "b", "x".repeat(80)],
    ["a", "b", "x".repeat(81)],
  ].map(([project, platform, stack]) => stackPrefix(project, platform, stack));
  const all = prefixes.flatMap((prefix) =>
    ["users", "b", "c-d", "d", "d-e"].map((name) => `${prefix}-${name}`),
  );
  assert.equal(new Set(all).size, all.length);
});
