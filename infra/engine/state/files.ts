/**
 * Files that are there whole or not at all, whenever the process or the machine dies.
 */
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import * as path from "node:path";

const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full. Make room, then run it again",
  EDQUOT: "the quota of this user is used up. Make room, then run it again",
  EROFS: "the file system is read-only. Mount it for writing, then run it again",
  EACCES: "this user may not write there",
};

/** Says what users can do about a file that cannot be written. */
export function unwritable(error: unknown, file: string): Error {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new Error(`${file} cannot be written: ${REASONS[code] ?? message}.`, { cause: error });
}

/** What a crash leaves there is overwritten: the lock of the stack sees to it that there is one writer at a time. */
const temporaryFor = (file: string): string => `${file}.tmp`;

/** Writes a file by putting a new one in its place; when this resolves, it is on the disk. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // on a full disk it would take the last place
    throw unwritable(error, file);
  }
}

/** The names in a folder are on the disk when this resolves. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be synced there
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * As {@link writeDurably}, in one go, for the files beside a state.
 *
 * @param temporary where it is written first; files whose names are never used again share one
 */
export function writeDurablySync(file: string, text: string, temporary = temporaryFor(file)): void {
  putInPlace(file, temporary, () => writeFileSync(temporary, text, { mode: 0o600 }));
}

/** A copy that is whole or not there. */
export function copyDurablySync(from: string, to: string, temporary = temporaryFor(to)): void {
  putInPlace(to, temporary, () => copyFileSync(from, temporary));
}

function putInPlace(file: string, temporary: string, write: () => void): void {
  try {
    write();
    syncSync(temporary);
    renameSync(temporary, file);
    if (process.platform !== "win32") syncSync(path.dirname(file));
  } catch (error) {
    removeQuietly(temporary);
    throw unwritable(error, file);
  }
}

export function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // on a file system that is read-only there is nothing to remove
  }
}

function syncSync(fileOrFolder: string): void {
  const descriptor = openSync(fileOrFolder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The content of a file, undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
