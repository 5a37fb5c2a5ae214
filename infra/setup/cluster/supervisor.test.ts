import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { DetachedSupervisor } from "./supervisor";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-supervisor-"));
after(() => fs.rmSync(folder, { recursive: true }));

const linux = { skip: process.platform !== "linux" };

/** Plays the program that starts a supervisor: prints the id of a process, which is ours. */
function starter(pid: number): string {
  const file = path.join(folder, "starter");
  fs.writeFileSync(file, `#!/bin/sh\necho ${pid}\n`, { mode: 0o755 });
  return file;
}

function supervise(name: string, pid: number) {
  const run = path.join(folder, name);
  const supervisor = new DetachedSupervisor(run);
  const plan = { private: [], logs: path.join(folder, "logs"), components: [] };
  supervisor.start(starter(pid), plan, ["/builds/kubernetes-1/kubernetes"]);
  return { supervisor, record: path.join(run, "supervisor.json") };
}

test("A supervisor is found again by its record, with what it was started with", linux, async () => {
  const child = spawn("sleep", ["100"]);
  const { supervisor } = supervise("found", child.pid!);
  assert.deepEqual(supervisor.running, ["/builds/kubernetes-1/kubernetes"]);
  const ended = once(child, "close");
  await supervisor.stop();
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.equal(supervisor.running, undefined);
});

test("A process that has come to have the id of an earlier supervisor is not ended", linux, async () => {
  const child = spawn("sleep", ["100"]);
  const { supervisor, record } = supervise("reused", child.pid!);
  const recorded = JSON.parse(fs.readFileSync(record, "utf8"));
  fs.writeFileSync(record, JSON.stringify({ ...recorded, startedAt: "1" }));
  assert.equal(supervisor.running, undefined);
  await supervisor.stop();
  assert.equal(child.exitCode ?? child.signalCode, null);
  child.kill();
  await once(child, "close");
});

test("A machine without a record has no supervisor", () => {
  assert.equal(new DetachedSupervisor(path.join(folder, "none")).running, undefined);
});
