/**
 * The recorded runs of a stack, each with a copy of the state that it left, as Pulumi keeps them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { BackendLayout } from "./backend";
import { copyDurablySync, writeDurablySync } from "./files";

/** One entry of `pulumi stack history`. */
export interface UpdateInfo {
  kind: "update" | "refresh" | "destroy";
  startTime: number;
  endTime: number;
  result: "succeeded" | "failed";
  resourceChanges: Record<string, number>;
}

/** Endings of the files that the history has of a run. */
const HISTORY = ".history.json";
const CHECKPOINT = ".checkpoint.json";

export class History {
  constructor(private readonly layout: BackendLayout) {}

  /** Latest first. */
  entries(): (UpdateInfo & { version: number })[] {
    return this.recorded()
      .map((prefix, index) => {
        const info = JSON.parse(readFileSync(`${prefix}${HISTORY}`, "utf8"));
        return { ...info, version: index + 1 };
      })
      .reverse();
  }

  /** The state that a run left, by its number. */
  file(version: number): string {
    const recorded = this.recorded();
    const prefix = recorded[version - 1];
    if (!prefix)
      throw new Error(`version must be 1 to ${recorded.length}, as the history has it, got ${version}.`);
    return `${prefix}${CHECKPOINT}`;
  }

  /** The copies of states that there are, latest first: of the runs, and the one before the last. */
  copies(): string[] {
    const { checkpointFile } = this.layout;
    const ofRuns = this.recorded().map((prefix) => `${prefix}${CHECKPOINT}`);
    return [...ofRuns.reverse(), `${checkpointFile}.bak`].filter((file) => existsSync(file));
  }

  record(update: UpdateInfo): void {
    const { checkpointFile, historyDirectory, backupDirectory, stack } = this.layout;
    if (!existsSync(checkpointFile)) return;
    mkdirSync(historyDirectory, { recursive: true });
    mkdirSync(backupDirectory, { recursive: true });
    const time = this.nextTime();
    const temporary = path.join(historyDirectory, "writing.tmp");
    copyDurablySync(checkpointFile, path.join(backupDirectory, `${stack}.${time}.json`), temporary);
    const prefix = path.join(historyDirectory, `${stack}-${time}`);
    copyDurablySync(checkpointFile, `${prefix}${CHECKPOINT}`, temporary);
    // Last: with it the run is in the history, and whatever it refers to is there.
    const info = { message: "", environment: {}, config: {}, version: 0, ...update };
    writeDurablySync(`${prefix}${HISTORY}`, JSON.stringify(info), temporary);
  }

  /** In nanoseconds, as in Pulumi's names; later than all that is recorded, even when the clock went back. */
  private nextTime(): bigint {
    const last = /-(\d+)$/.exec(this.recorded().at(-1) ?? "")?.[1] ?? "0";
    const now = BigInt(Date.now()) * 1_000_000n;
    return now > BigInt(last) ? now : BigInt(last) + 1n;
  }

  /** Where each run is, without the endings; oldest first, as their names hold their times. */
  private recorded(): string[] {
    const { historyDirectory } = this.layout;
    const names = existsSync(historyDirectory) ? readdirSync(historyDirectory) : [];
    return names
      .filter((name) => name.endsWith(HISTORY))
      .sort()
      .map((name) => path.join(historyDirectory, name.slice(0, -HISTORY.length)));
  }
}
