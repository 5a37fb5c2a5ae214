/**
 * One run at a time: a lock file per run, in the place, name and format of Pulumi's own file backend.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import * as path from "node:path";

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

function lockFiles(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => path.join(directory, name)) : [];
}

/** Who has locked a stack, by the files in its lock folder. */
export function lockHolders(directory: string): LockHolder[] {
  return lockFiles(directory).map((file) => {
    const holder = JSON.parse(readFileSync(file, "utf8")) as Holder;
    return holder.hostname === hostname() ? { ...holder, alive: isAlive(holder.pid) } : holder;
  });
}

export class StackLock {
  private constructor(private readonly file: string) {}

  /** Takes the lock, and removes one that a process of this machine left behind when it died. */
  static acquire(directory: string): StackLock {
    mkdirSync(directory, { recursive: true });
    const lock = new StackLock(path.join(directory, `${randomUUID()}.json`));
    lock.refuseIfHeld(directory);
    const holder: Holder = {
      pid: process.pid,
      username: userInfo().username,
      hostname: hostname(),
      timestamp: new Date().toISOString(),
    };
    writeFileSync(lock.file, JSON.stringify(holder));
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

  private refuseIfHeld(directory: string): void {
    for (const file of lockFiles(directory)) {
      if (file === this.file || !existsSync(file)) continue;
      const holder = JSON.parse(readFileSync(file, "utf8")) as Holder;
      if (holder.hostname === hostname() && !isAlive(holder.pid)) {
        rmSync(file, { force: true });
        continue;
      }
      throw new Error(
        `The stack is locked by ${holder.username}@${holder.hostname} (process ${holder.pid}) since ${holder.timestamp}. ` +
          `Wait for that run to end; if it is gone, take the lock off by cancel, or delete ${file}.`,
      );
    }
  }
}
