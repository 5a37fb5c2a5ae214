/**
 * The state of one stack on disk: loaded once, written whole and atomically after each operation.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { Properties } from "../provider";
import { type BackendLayout, ORGANIZATION } from "./backend";
import { CheckpointCodec } from "./checkpoint";
import { copyDurablySync, writeDurably, writeDurablySync } from "./files";
import type { Snapshot } from "./records";
import { verifyIntegrity } from "./verify";

/** One entry of `pulumi stack history`. */
export interface UpdateInfo {
  kind: "update" | "refresh" | "destroy";
  startTime: number;
  endTime: number;
  result: "succeeded" | "failed";
  resourceChanges: Record<string, number>;
}

/** The untyped deployment that Pulumi's `stack export` writes and `stack import` reads. */
export interface ExportedDeployment {
  version: number;
  /** Of a version 4: what it has that an older engine would not understand. */
  features?: string[];
  deployment: Properties;
}

/** Endings of the files that the history has of a run. */
const HISTORY = ".history.json";
const CHECKPOINT = ".checkpoint.json";

export class StateStore {
  private readonly codec: CheckpointCodec;
  private writing: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private backedUp = false;

  /** @param salt the `encryptionsalt` of the stack's configuration, if it has one */
  constructor(
    private readonly layout: BackendLayout,
    passphrase: string,
    salt: string | undefined,
  ) {
    this.codec = new CheckpointCodec(`${ORGANIZATION}/${layout.project}/${layout.stack}`, passphrase, salt);
  }

  load(): Snapshot {
    const file = this.layout.checkpointFile;
    if (!existsSync(file)) {
      for (const compressed of [`${file}.gz`, `${file}.zst`]) {
        if (existsSync(compressed))
          throw new Error(`${compressed} is compressed. Decompress it to ${file} first.`);
      }
      return { resources: [], pendingOperations: [] };
    }
    return this.codec.decode(readFileSync(file, "utf8"), file);
  }

  /** What can be told of a state without its passphrase. */
  static describe({ checkpointFile }: BackendLayout): { time: string; resourceCount: number } {
    const { latest } = JSON.parse(readFileSync(checkpointFile, "utf8")).checkpoint ?? {};
    return { time: latest?.manifest?.time ?? "", resourceCount: latest?.resources?.length ?? 0 };
  }

  /** The deployment within a checkpoint, as it is on disk or with its secrets in plain text. */
  export({ showSecrets, version }: { showSecrets: boolean; version?: number }): ExportedDeployment {
    const file = version === undefined ? this.layout.checkpointFile : this.versionFile(version);
    const text = readFileSync(file, "utf8");
    const { version: format, features, checkpoint } = JSON.parse(text);
    const deployment = showSecrets ? this.codec.reveal(text, file) : (checkpoint.latest ?? {});
    return { version: format, ...(features?.length > 0 ? { features } : {}), deployment };
  }

  /** A deployment as `export` answers it; it may have been sealed with another salt, by the same passphrase. */
  decode({ version, features, deployment }: ExportedDeployment): Snapshot {
    const text = JSON.stringify({ version, features, checkpoint: { latest: deployment } });
    return this.codec.decode(text, "The deployment");
  }

  /** Writes a state that no run has made; whether it is consistent is for the caller to know. */
  async replace(snapshot: Snapshot): Promise<void> {
    const file = this.layout.checkpointFile;
    if (existsSync(file)) copyDurablySync(file, `${file}.bak`);
    await writeDurably(file, this.codec.encode(snapshot));
  }

  /** The recorded runs, latest first. */
  history(): (UpdateInfo & { version: number })[] {
    return this.recorded()
      .map((prefix, index) => {
        const info = JSON.parse(readFileSync(`${prefix}${HISTORY}`, "utf8"));
        return { ...info, version: index + 1 };
      })
      .reverse();
  }

  private versionFile(version: number): string {
    const recorded = this.recorded();
    const prefix = recorded[version - 1];
    if (!prefix)
      throw new Error(`version must be 1 to ${recorded.length}, as the history has it, got ${version}.`);
    return `${prefix}${CHECKPOINT}`;
  }

  /** Where the history has each run, without the endings; oldest first, as their names hold their times. */
  private recorded(): string[] {
    const { historyDirectory } = this.layout;
    const names = existsSync(historyDirectory) ? readdirSync(historyDirectory) : [];
    return names
      .filter((name) => name.endsWith(HISTORY))
      .sort()
      .map((name) => path.join(historyDirectory, name.slice(0, -HISTORY.length)));
  }

  /** Writes what `snapshot` returns then; callers that wait while a write is under way share the next one. */
  save(snapshot: () => Snapshot): Promise<void> {
    this.queued ??= this.writing
      .catch(() => undefined)
      .then(() => {
        this.queued = undefined;
        this.writing = this.write(snapshot());
        return this.writing;
      });
    return this.queued;
  }

  private async write(snapshot: Snapshot): Promise<void> {
    verifyIntegrity(snapshot.resources);
    const file = this.layout.checkpointFile;
    if (!this.backedUp && existsSync(file)) copyDurablySync(file, `${file}.bak`);
    this.backedUp = true;
    await writeDurably(file, this.codec.encode(snapshot));
  }

  /** Records a finished run, with a copy of the state that it left, as Pulumi does. */
  recordUpdate(update: UpdateInfo): void {
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
}
