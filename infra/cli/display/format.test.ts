import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, formatTable, plural, shortType, truncate } from "./format";

const durations: [number, string][] = [
  [0, "0.0 s"],
  [9_940, "9.9 s"],
  [9_960, "10 s"],
  [10_000, "10 s"],
  [59_600, "1 min 0 s"],
  [3_599_000, "59 min 59 s"],
  [3_660_000, "1 h 1 min"],
  [90_000_000, "1 d 1 h"],
];

for (const [milliseconds, text] of durations) {
  test(`${milliseconds} ms is ${text}`, () => {
    assert.equal(formatDuration(milliseconds), text);
  });
}

test("types lose the module in the middle", () => {
  assert.equal(shortType("docker:index/container:Container"), "docker:Container");
  assert.equal(shortType("pulumi:providers:docker"), "pulumi:docker");
  assert.equal(shortType("odd"), "odd");
});

test("columns are as wide as their widest cell", () => {
  assert.deepEqual(
    formatTable([
      ["A", "LONG"],
      ["longer", "b"],
      ["c", ""],
    ]),
    ["A       LONG", "longer  b", "c"],
  );
});

test("texts are cut with an ellipsis only where they are too long", () => {
  assert.equal(truncate("12345", 5), "12345");
  assert.equal(truncate("123456", 5), "1234…");
});

test("one is not many", () => {
  assert.deepEqual(
    [plural(1, "volume"), plural(0, "volume"), plural(2, "volume")],
    ["1 volume", "0 volumes", "2 volumes"],
  );
});
