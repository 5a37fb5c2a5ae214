/** Remembers, per Docker daemon, where third-party images come from, so that a network hiccup replaces nothing. */
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "./cache.js";
import { readIfPresent } from "./host";

/** Where one daemon's third-party images come from, and what they are called there. */
export interface ImageDecision {
  decidedAt: string;
  origin: "registry" | "stand-in";
  /** By the name in the catalogue. */
  references: Record<string, string>;
}

/** The file: the decision for the daemon used last, and those for others. */
interface ImageRecord extends ImageDecision {
  daemon: string;
  otherDaemons: Record<string, ImageDecision>;
}

function recordFile(): string {
  return path.join(cacheFolder(), "images.json");
}

function readRecord(): ImageRecord | undefined {
  const text = readIfPresent(recordFile());
  return text === undefined ? undefined : (JSON.parse(text) as ImageRecord);
}

function decisionsOf(record: ImageRecord | undefined): Record<string, ImageDecision> {
  if (record === undefined) {
    return {};
  }
  const { daemon, otherDaemons, ...decision } = record;
  return { ...otherDaemons, [daemon]: decision };
}

/**
 * References of third-party images on the daemon used last, by their name in the catalogue.
 *
 * @example readImageRecord().redis; // "flotilla.local/stand-in/redis:7.0-1a2b3c4d", or undefined
 */
export function readImageRecord(): Record<string, string> {
  return readRecord()?.references ?? {};
}

/** What was decided for a daemon. */
export function readDecision(daemon: string): ImageDecision | undefined {
  return decisionsOf(readRecord())[daemon];
}

/** Records what was decided for a daemon, which becomes the one used last. */
export function writeDecision(daemon: string, decision: ImageDecision): void {
  const { [daemon]: _replaced, ...otherDaemons } = decisionsOf(readRecord());
  writeRecord({ daemon, ...decision, otherDaemons });
}

/** Forgets every decision, so that the next run decides again. */
export function forgetDecisions(): void {
  fs.rmSync(recordFile(), { force: true });
}

function writeRecord(record: ImageRecord): void {
  const file = recordFile();
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  fs.writeFileSync(aside, `${JSON.stringify(record, undefined, 2)}\n`);
  fs.renameSync(aside, file);
}
