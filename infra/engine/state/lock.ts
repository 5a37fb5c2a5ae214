/**
 * One run at a time: a lock file per run, in the place, name and format of Pulumi's own file backend.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import * as path from "node:path";
import { readIfThere, removeQuietly, unwritable } from "./files";

interface Holder {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** Who has, or had, a run of a stack under way. */
export interface LockHolder extends Holder {
  /** Whether it runs still; undefined for a process of another machine. */
  alive?: boolean;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is there, and another user's
  }
}

/** Of a file that is empty or no JSON: whoever wrote it lost power meanwhile. */
const UNREADABLE: Holder = { pid: 0, username: "unknown", hostname: "unknown", timestamp: "" };

function lockFiles(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => path.join(directory, name)) : [];
}

/** What a lock file says; undefined when it is gone by now. */
function readHolder(file: string): LockHolder | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  let holder: Holder;
  try {
    holder = JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
  return holder.hostname === hostname() ? { ...holder, alive: isAlive(holder.pid) } : holder;
}

/** Who has locked a stack, by the files in its lock folder. */
export function lockHolders(directory: string): LockHolder[] {
  return lockFiles(directory).flatMap((file) => readHolder(file) ?? []);
}

export class StackLock {
  /** Whose locks were taken off, as their processes of this machine have died. */
  readonly leftBy: LockHolder[] = [];

  private constructor(private readonly file: string) {}

  /** Takes the lock, and removes one that a process of this machine left behind when it died. */
  static acquire(directory: string): StackLock {
    try {
      mkdirSync(directory, { recursive: true });
    } catch (error) {
      throw unwritable(error, directory);
    }
    const lock = new StackLock(path.join(directory, `${randomUUID()}.json`));
    lock.refuseIfHeld(directory);
    lock.write(directory);
    try {
      lock.refuseIfHeld(directory); // two runs that started at once: both see the other, neither goes on
    } catch (error) {
      lock.release();
      throw error;
    }
    return lock;
  }

  /** Takes all locks off, whoever holds them. */
  static break(directory: string): void {
    for (const file of lockFiles(directory)) rmSync(file, { force: true });
  }

  release(): void {
    rmSync(this.file, { force: true });
  }

  /** Nobody may see half of it; and Pulumi's CLI takes any file in the folder for a lock. */
  private write(directory: string): void {
    const holder: Holder = {
      pid: process.pid,
      username: userInfo().username,
      hostname: hostname(),
      timestamp: new Date().toISOString(),
    };
    const temporary = `${directory}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(holder));
      renameSync(temporary, this.file);
    } catch (error) {
      removeQuietly(temporary);
      throw unwritable(error, this.file);
    }
  }

  private refuseIfHeld(directory: string): void {
    for (const file of lockFiles(directory)) {
      const holder = file === this.file ? undefined : readHolder(file);
      if (!holder) continue;
      if (holder.alive !== false) throw new Error(refusal(file, holder));
      rmSync(file, { force: true });
      rmSync(`${directory}.${holder.pid}.tmp`, { force: true });
      this.leftBy.push(holder);
    }
  }
}

function refusal(file: string, holder: LockHolder): string {
  const breaking = `npx flotilla cancel --stack ${path.basename(path.dirname(file))}`;
  if (holder === UNREADABLE) {
    return `The stack is locked by a file that cannot be read: ${file}. If no run of the stack is under way, take it off: ${breaking}`;
  }
  const { pid, username, hostname: host, timestamp, alive } = holder;
  const state = alive ? "which still runs" : "which cannot be looked for from this machine";
  return (
    `The stack is locked by ${username}@${host} since ${timestamp} (process ${pid}, ${state}). ` +
    `Wait for that run to end. If it is gone for good, take its lock off: ${breaking} (the lock is ${file}).`
  );
}
