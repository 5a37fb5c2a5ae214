/** Remembers, per Docker daemon, where third-party images come from, so that a network hiccup replaces nothing. */
import * as fs from "node:fs";
import * as path from "node:path";
import { daemonAddress } from "../engine/providers/docker/connection";
import { cacheFolder } from "./cache.js";
import { readIfPresent } from "./host";

/** Where one daemon's third-party images come from, and what they are called there. */
export interface ImageDecision {
  decidedAt: string;
  origin: "registry" | "stand-in";
  /** Where the daemon answered when it was used last. */
  address?: string;
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
 * References of third-party images on the daemon in use, by their name in the catalogue.
 *
 * @example readImageRecord().redis; // "flotilla.local/stand-in/redis:7.0-1a2b3c4d", or undefined
 */
export function readImageRecord(): Record<string, string> {
  const { url } = daemonAddress({});
  const decisions = Object.values(decisionsOf(readRecord()));
  return decisions.find(({ address }) => address === url)?.references ?? {};
}

/** What was decided for a daemon. */
export function readDecision(daemon: string): ImageDecision | undefined {
  return decisionsOf(readRecord())[daemon];
}

/** Records what was decided for the daemon in use. */
export function writeDecision(daemon: string, decision: Omit<ImageDecision, "address">): void {
  const { url: address } = daemonAddress({});
  const { [daemon]: _replaced, ...others } = decisionsOf(readRecord());
  // A daemon that answered there before is another one, or was made anew.
  const otherDaemons = Object.fromEntries(
    Object.entries(others).map(([other, { address: former, ...decided }]) => [
      other,
      former === undefined || former === address ? decided : { ...decided, address: former },
    ]),
  );
  writeRecord({ daemon, ...decision, address, otherDaemons });
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
