/**
 * The file of a checkpoint, with the journal that it may have.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { journalOf, withJournal } from "./checkpoint";
import { copyDurablySync, readIfThere, writeDurablySync } from "./files";
import { replay, UnusableState } from "./journal";

/** The checkpoint as a whole, with all that its journal has; undefined when there is none. */
export function readCheckpoint(file: string): string | undefined {
  for (let missing = ""; ; ) {
    const text = readIfThere(file);
    const journal = text === undefined ? undefined : journalOf(text, file);
    if (text === undefined || journal === undefined) return text;
    const changes = readIfThere(journal);
    if (changes !== undefined) return withJournal(text, replay(changes, journal));
    // The run that wrote it may have come to its end meanwhile.
    if (missing === journal) throw new UnusableState(`${file} is without its journal ${journal}.`);
    missing = journal;
  }
}

/** Brings the journal that a dead run has left into the checkpoint; for the holder of the lock. */
export function foldJournal(file: string): void {
  const text = readIfThere(file);
  if (text !== undefined && journalOf(text, file)) writeDurablySync(file, readCheckpoint(file)!);
  removeJournals(file);
}

/** Keeps the state as it is now beside the one that is about to be written. */
export function backUp(file: string): void {
  if (existsSync(file)) copyDurablySync(file, `${file}.bak`);
}

export function removeJournals(file: string): void {
  const folder = path.dirname(file);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith(`${path.basename(file)}.`) && name.endsWith(".journal"))
      rmSync(path.join(folder, name));
  }
}
