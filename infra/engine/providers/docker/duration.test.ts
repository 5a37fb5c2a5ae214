import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration, refuseDuration } from "./duration";

const READ: [string, number | undefined][] = [
  ["5s", 5e9],
  ["1m30s", 90e9],
  ["1h0m0s", 3600e9],
  ["250ms", 250e6],
  ["1.5s", 1.5e9],
  ["2m", 120e9],
  ["10us", 10e3],
  ["0", 0],
  ["0s", 0],
  ["5", undefined],
  ["5 s", undefined],
  ["", undefined],
  ["s", undefined],
  ["5sx", undefined],
];

for (const [text, nanoseconds] of READ) {
  test(`"${text}" is ${nanoseconds ?? "no duration"}`, () => assert.equal(parseDuration(text), nanoseconds));
}

const WRITTEN: [number, string][] = [
  [0, "0s"],
  [5e9, "5s"],
  [90e9, "1m30s"],
  [60e9, "1m0s"],
  [3600e9, "1h0m0s"],
  [5430e9, "1h30m30s"],
  [250e6, "250ms"],
  [1.5e9, "1.5s"],
  [10e3, "10µs"],
  [7, "7ns"],
];

for (const [nanoseconds, text] of WRITTEN) {
  test(`${nanoseconds} ns are written ${text}`, () => assert.equal(formatDuration(nanoseconds), text));
}

test("a refused duration says what to write", () => {
  assert.equal(refuseDuration("5"), 'must be a duration such as "5s" or "1m30s", got "5"');
  assert.equal(refuseDuration("5s"), undefined);
});
