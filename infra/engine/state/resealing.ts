/**
 * Both files of a stack that hold secrets, sealed anew: both are put in place or neither, whatever happens meanwhile.
 */
import { existsSync, rmSync } from "node:fs";
import type { BackendLayout } from "./backend";
import { readIfThere, writeDurably, writeDurablySync } from "./files";
import { StackLock } from "./lock";

/** What the files of a stack shall be. */
export interface Resealed {
  /** Of Pulumi.<stack>.yaml. */
  configuration: string;
  /** Left out where there is no state yet. */
  checkpoint?: string;
}

/**
 * Puts both files in place; for the holder of the stack's lock. They are written down beside the state first: from
 * then on whoever opens the stack finishes what a crash cut off.
 */
export async function putResealed(
  layout: BackendLayout,
  configurationFile: string,
  resealed: Resealed,
): Promise<void> {
  await writeDurably(layout.resealedFile, JSON.stringify(resealed));
  finish(layout, configurationFile);
}

/** Finishes what a crash cut off. */
export function finishResealing(layout: BackendLayout, configurationFile: string): void {
  if (!existsSync(layout.resealedFile)) return;
  const lock = StackLock.acquire(layout.lockDirectory);
  try {
    finish(layout, configurationFile);
  } finally {
    lock.release();
  }
}

function finish(layout: BackendLayout, configurationFile: string): void {
  const text = readIfThere(layout.resealedFile);
  if (text === undefined) return;
  const { configuration, checkpoint }: Resealed = JSON.parse(text);
  writeDurablySync(configurationFile, configuration);
  if (checkpoint !== undefined) writeDurablySync(layout.checkpointFile, checkpoint);
  rmSync(layout.resealedFile);
}
