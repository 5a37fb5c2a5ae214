import assert from "node:assert/strict";
import { test } from "node:test";
import { madeSince, retryWhile } from "./waiting";

const since = new Date("2026-01-01T12:00:00.900Z");
const TIMES: [string | undefined, boolean][] = [
  ["2026-01-01T12:00:01.5Z", true],
  ["2026-01-01T12:00:00Z", true],
  ["2026-01-01T11:59:59Z", true],
  ["2026-01-01T11:59:58Z", false],
  [undefined, false],
];

for (const [created, made] of TIMES) {
  test(`${created} ${made ? "counts" : "does not count"} as made since`, () =>
    assert.equal(madeSince(created, since), made));
}

const { signal } = new AbortController();

test("only errors that pass are tried again", async () => {
  let calls = 0;
  const attempt = async () => {
    calls += 1;
    if (calls < 2) throw new Error("busy");
    return calls;
  };
  assert.equal(await retryWhile(attempt, () => true, { timeoutMs: 5_000, signal }), 2);
  const refused = async () => Promise.reject(new Error("no"));
  await assert.rejects(
    retryWhile(refused, () => false, { timeoutMs: 5_000, signal }),
    { message: "no" },
  );
});

test("an aborted signal ends the trying", async () => {
  const busy = async () => Promise.reject(new Error("busy"));
  const aborted = { timeoutMs: 60_000, signal: AbortSignal.abort() };
  await assert.rejects(
    retryWhile(busy, () => true, aborted),
    { name: "AbortError" },
  );
});
