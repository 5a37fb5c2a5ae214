import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { StackLock } from "./lock";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function hold(holder: { pid: number; hostname: string }): string {
  const file = path.join(directory, "other.json");
  writeFileSync(file, JSON.stringify({ username: "ada", timestamp: "2026-01-01T00:00:00Z", ...holder }));
  return file;
}

test("is a file in Pulumi's format while it is held", () => {
  const lock = StackLock.acquire(directory);
  const [name, ...others] = readdirSync(directory);
  assert.deepEqual(others, []);
  assert.match(name, /^[0-9a-f-]{36}\.json$/);
  const { timestamp, ...holder } = JSON.parse(readFileSync(path.join(directory, name), "utf8"));
  assert.deepEqual(holder, { pid: process.pid, username: userInfo().username, hostname: hostname() });
  assert.ok(Date.now() - Date.parse(timestamp) < 60_000);
  lock.release();
  assert.deepEqual(readdirSync(directory), []);
});

test("a second run is told who holds it, since when, and what to do", () => {
  const file = hold({ pid: process.pid, hostname: hostname() });
  assert.throws(() => StackLock.acquire(directory), {
    message:
      `The stack is locked by ada@${hostname()} since 2026-01-01T00:00:00Z (process ${process.pid}, which still runs). ` +
      `Wait for that run to end. If it is gone for good, take its lock off: npx flotilla cancel --stack ${path.basename(directory)} (the lock is ${file}).`,
  });
  assert.deepEqual(readdirSync(directory), ["other.json"]);
});

test("takes over from a dead process of this machine, not from another machine's", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  hold({ pid, hostname: hostname() });
  const lock = StackLock.acquire(directory);
  const left = {
    pid,
    hostname: hostname(),
    username: "ada",
    timestamp: "2026-01-01T00:00:00Z",
    alive: false,
  };
  assert.deepEqual(lock.leftBy, [left]);
  lock.release();
  assert.deepEqual(readdirSync(directory), []);
  hold({ pid, hostname: "elsewhere" });
  assert.throws(
    () => StackLock.acquire(directory),
    /locked by ada@elsewhere since .* \(process \d+, which cannot be looked for from this machine\)/,
  );
});

test("a file that nobody can read is a lock, too, as Pulumi's CLI sees it", () => {
  const file = hold({ pid: 1, hostname: "any" });
  writeFileSync(file, "");
  assert.throws(() => StackLock.acquire(directory), {
    message: /^The stack is locked by a file that cannot be read: .*other\.json\. If no run/,
  });
});
