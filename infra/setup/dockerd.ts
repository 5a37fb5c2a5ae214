/** Starts the Docker daemon of this machine: by systemd where it runs, else as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execute, findProgram, lastLines, readIfPresent } from "./host";

const startTimeoutMilliseconds = 60_000;
const pollMilliseconds = 200;

const logFile = "/var/log/flotilla-dockerd.log";

/** Files with the process ids of daemons; one whose process was killed is taken for running by the next start. */
const pidFiles = { dockerd: "/var/run/docker.pid", containerd: "/var/run/docker/containerd/containerd.pid" };

/** Starts the daemon and returns once it answers; otherwise the error ends with the last lines of its log. */
export async function startDockerd(answers: () => Promise<boolean>): Promise<void> {
  // systemd's own documented sign that it is the init system.
  if (fs.existsSync("/run/systemd/system")) {
    await execute("systemctl", ["start", "docker"]);
    await waitFor(
      answers,
      () => false,
      () => execute("journalctl", ["--unit=docker", "--lines=15", "--output=cat"]),
    );
    return;
  }
  const daemon = isRunning("dockerd") ? undefined : spawnDetached();
  await waitFor(
    answers,
    () => daemon !== undefined && hasEnded(daemon),
    async () => readIfPresent(logFile) ?? "",
  );
}

function spawnDetached(): ChildProcess {
  removeStalePidFiles();
  const log = fs.openSync(logFile, "a");
  const daemon = spawn(findProgram("dockerd")!, [], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: `${process.env.PATH}${path.delimiter}/usr/sbin${path.delimiter}/sbin` },
  });
  fs.closeSync(log);
  daemon.unref();
  return daemon;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function waitFor(
  answers: () => Promise<boolean>,
  hasFailed: () => boolean,
  readLog: () => Promise<string>,
): Promise<void> {
  const deadline = performance.now() + startTimeoutMilliseconds;
  while (!(await answers())) {
    if (hasFailed() || performance.now() > deadline) {
      throw new Error(`The Docker daemon does not start. The end of its log:\n${lastLines(await readLog())}`);
    }
    await pause(pollMilliseconds);
  }
}

function removeStalePidFiles(): void {
  for (const name of Object.keys(pidFiles) as (keyof typeof pidFiles)[]) {
    if (!isRunning(name)) {
      fs.rmSync(pidFiles[name], { force: true });
    }
  }
}

/** Whether the process of a pid file is there and is the daemon: its number may be another program's by now. */
function isRunning(name: keyof typeof pidFiles): boolean {
  const pid = readIfPresent(pidFiles[name])?.trim();
  return pid !== undefined && pid !== "" && readIfPresent(`/proc/${pid}/comm`)?.trim() === name;
}
