import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import { TestStack } from "../../testing/test-stack";
import { createDockerProvider } from ".";
import { ensureBusybox, importImage, TYPES } from "./testing";

const STARTS_MS = 120_000;
const root = mkdtempSync(path.join(tmpdir(), "flotilla-dockerd-"));
const socket = path.join(root, "docker.sock");
const docker = new Docker({ socketPath: socket });
let daemon: ChildProcess | undefined;

/** A daemon of this test's own, in a network of its own: one without a bridge removes that of the machine's daemon. */
async function start(): Promise<boolean> {
  const folders = ["data-root", "exec-root"].flatMap((name) => [`--${name}`, path.join(root, name)]);
  const alone = ["--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"];
  const args = [...folders, ...alone, "--pidfile", path.join(root, "pid"), "--host", `unix://${socket}`];
  daemon = spawn("unshare", ["--net", "dockerd", ...args], { stdio: "ignore" });
  let failed = false;
  daemon.on("error", () => (failed = true)).on("exit", () => (failed = true));
  for (const end = performance.now() + STARTS_MS; !failed && performance.now() < end; await delay(100)) {
    if (await docker.ping().catch(() => undefined)) return true;
  }
  // It would be in the way of the next attempt.
  if (!failed) await stop("SIGKILL");
  return false;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (!daemon?.kill(signal)) return;
  await once(daemon, "exit");
}

after(async () => {
  for (const { Id } of await docker.listContainers({ all: true }).catch(() => []))
    await docker.getContainer(Id).remove({ force: true });
  await stop("SIGTERM");
  // The daemon that was killed could not take off what it mounts there.
  while (spawnSync("umount", ["--recursive", path.join(root, "data-root")]).status === 0);
  rmSync(root, { recursive: true, force: true });
});

test("a daemon that is restarted in the middle of a create: a sentence, and the next run goes on", async (t) => {
  const busybox = await ensureBusybox();
  if (!busybox || !(await start())) return t.skip("no daemon of our own can be started here");
  await importImage(docker, "flotilla-test/restarted:1", busybox);
  const stack = new TestStack(path.join(root, "stack"));
  stack.factories.docker = () => createDockerProvider({ host: `unix://${socket}` });
  const run = (check: string) =>
    stack.up(async ({ resource }) => {
      await resource(TYPES.volume, "volume", { name: "data" });
      await resource(TYPES.container, "app", {
        ...{
          name: "app",
          image: "flotilla-test/restarted:1",
          command: ["sleep", "1000"],
          networkMode: "none",
        },
        ...{ wait: true, waitTimeout: 60 },
        healthcheck: { tests: ["CMD", check], interval: "1s" },
      });
    });

  const cutOff = run("false"); // it waits for a health that never comes
  while (!(await docker.listContainers()).length) await delay(100);
  await stop("SIGKILL");
  await cutOff;
  assert.equal(stack.errors.length, 1);
  assert.match(
    stack.errors[0],
    /^app: .*(no Docker daemon answers at .*docker\.sock|the Docker daemon ended in the middle of a request)/,
  );
  assert.deepEqual(
    stack.stored().pending_operations.map(({ type }: { type: string }) => type),
    ["creating"],
  );

  // As a supervisor does: what the killed one started may be in the way of the first attempt.
  for (let attempt = 0; attempt < 5 && !(await start()); attempt++) await delay(500);
  await run("true");
  assert.deepEqual(stack.errors, []);
  assert.equal(stack.stored().pending_operations, undefined);
  const containers = await docker.listContainers({ all: true });
  assert.deepEqual(
    containers.map(({ Names, State }) => [Names, State]),
    [[["/app"], "running"]],
  );
  await stack.destroy();
  assert.deepEqual([stack.errors, await docker.listContainers({ all: true })], [[], []]);
});
