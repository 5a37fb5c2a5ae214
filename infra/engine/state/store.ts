/**
 * The state of one stack on disk: loaded once, written atomically after each operation; a large one as a journal.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { Properties } from "../provider";
import { type BackendLayout, ORGANIZATION } from "./backend";
import { CheckpointCodec } from "./checkpoint";
import { backUp, foldJournal, readCheckpoint, removeJournals } from "./checkpoint-file";
import { unwritable, writeDurably } from "./files";
import { History, type UpdateInfo } from "./history";
import { Journal, UnusableState } from "./journal";
import type { Snapshot } from "./records";
import { problemIn, verifyIntegrity } from "./verify";

export type { UpdateInfo } from "./history";

/** The untyped deployment that Pulumi's `stack export` writes and `stack import` reads. */
export interface ExportedDeployment {
  version: number;
  /** Of a version 4: what it has that an older engine would not understand. */
  features?: string[];
  deployment: Properties;
}

/** From how many resources on a state is written as a journal. */
const JOURNALED_RESOURCES = 1000;

/** A journaled state is checked as a whole once this part of it has changed, and at the end. */
const UNCHECKED_SHARE = 1 / 20;

export class StateStore {
  private readonly codec: CheckpointCodec;
  private readonly historyFiles: History;
  private writing: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private backedUp = false;
  private journal: Journal | undefined;
  private unchecked = 0;

  /** @param salt the `encryptionsalt` of the stack's configuration, if it has one */
  constructor(
    private readonly layout: BackendLayout,
    passphrase: string,
    salt: string | undefined,
    private readonly journaledResources = JOURNALED_RESOURCES,
  ) {
    this.codec = new CheckpointCodec(`${ORGANIZATION}/${layout.project}/${layout.stack}`, passphrase, salt);
    this.historyFiles = new History(layout);
  }

  /** The state as it is; one that cannot be used is refused with the way back to the last good copy. */
  load(): Snapshot {
    const file = this.layout.checkpointFile;
    try {
      const text = readCheckpoint(file);
      if (text !== undefined) return this.decodeWhole(text, file);
    } catch (error) {
      if (!(error instanceof UnusableState)) throw error;
      throw new UnusableState(`${error.message} ${this.wayBack()}`);
    }
    for (const compressed of [`${file}.gz`, `${file}.zst`]) {
      if (existsSync(compressed))
        throw new Error(`${compressed} is compressed. Decompress it to ${file} first.`);
    }
    return { resources: [], pendingOperations: [] };
  }

  private decodeWhole(text: string, file: string): Snapshot {
    const snapshot = this.codec.decode(text, file);
    const problem = problemIn(snapshot.resources);
    if (problem) throw new UnusableState(`${file} is inconsistent: ${problem}.`);
    return snapshot;
  }

  private wayBack(): string {
    const { checkpointFile, stack } = this.layout;
    for (const copy of this.historyFiles.copies()) {
      try {
        const text = readFileSync(copy, "utf8");
        const { resources } = this.decodeWhole(text, copy);
        const { time } = StateStore.describeText(text);
        return (
          `Its last good copy is of ${time}, with ${resources.length} resources. To go back to it: cp '${copy}' '${checkpointFile}' ` +
          `- then npx flotilla refresh --stack ${stack} tells what has changed since.`
        );
      } catch {
        // the one before it
      }
    }
    return "There is no good copy of it in the backend.";
  }

  /** What can be told of a state without its passphrase; nothing of one that cannot be read. */
  static describe({ checkpointFile }: BackendLayout): { time: string; resourceCount?: number } {
    try {
      return StateStore.describeText(readCheckpoint(checkpointFile) ?? "{}");
    } catch (error) {
      if (error instanceof UnusableState) return { time: "" };
      throw error;
    }
  }

  private static describeText(text: string): { time: string; resourceCount: number } {
    const { latest } = JSON.parse(text).checkpoint ?? {};
    return { time: latest?.manifest?.time ?? "", resourceCount: latest?.resources?.length ?? 0 };
  }

  /** The deployment within a checkpoint, as it is on disk or with its secrets in plain text. */
  export({ showSecrets, version }: { showSecrets: boolean; version?: number }): ExportedDeployment {
    const file = version === undefined ? this.layout.checkpointFile : this.historyFiles.file(version);
    const text = readCheckpoint(file) ?? "{}";
    const { version: format, features, checkpoint } = JSON.parse(text);
    const deployment = showSecrets ? this.codec.reveal(text, file) : (checkpoint.latest ?? {});
    return { version: format, ...(features?.length > 0 ? { features } : {}), deployment };
  }

  /** A deployment as `export` answers it; it may have been sealed with another salt, by the same passphrase. */
  decode({ version, features, deployment }: ExportedDeployment): Snapshot {
    const text = JSON.stringify({ version, features, checkpoint: { latest: deployment } });
    return this.codec.decode(text, "The deployment");
  }

  /** The state with its secrets sealed by another passphrase; undefined where there is none. */
  resealed(passphrase: string, salt: string): string | undefined {
    if (!existsSync(this.layout.checkpointFile)) return undefined;
    const { project, stack } = this.layout;
    return new CheckpointCodec(`${ORGANIZATION}/${project}/${stack}`, passphrase, salt).encode(this.load());
  }

  /** Writes a state that no run has made; whether it is consistent is for the caller to know. */
  async replace(snapshot: Snapshot): Promise<void> {
    const file = this.layout.checkpointFile;
    backUp(file);
    await writeDurably(file, this.codec.encode(snapshot));
    removeJournals(file);
  }

  /** The recorded runs, latest first. */
  history(): (UpdateInfo & { version: number })[] {
    return this.historyFiles.entries();
  }

  /** Records a finished run. */
  recordUpdate(update: UpdateInfo): void {
    this.historyFiles.record(update);
  }

  /** Brings what a dead run has left into the checkpoint; for the holder of the lock, before it loads the state. */
  fold(): void {
    try {
      foldJournal(this.layout.checkpointFile);
    } catch (error) {
      if (!(error instanceof UnusableState)) throw error; // loading it tells the way back
    }
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

  /** Writes the state as one file again, if it has been a journal. */
  async complete(snapshot: () => Snapshot): Promise<void> {
    await this.writing.catch(() => undefined);
    if (!this.journal) return;
    await this.closeJournal();
    await this.writeWhole(snapshot());
    removeJournals(this.layout.checkpointFile);
  }

  private async write(snapshot: Snapshot): Promise<void> {
    if (this.journal) return this.writeChanges(this.journal, snapshot);
    if (!this.backedUp) backUp(this.layout.checkpointFile);
    this.backedUp = true;
    if (snapshot.resources.length < this.journaledResources) return this.writeWhole(snapshot);
    await this.beginJournal(snapshot);
  }

  private async writeWhole(snapshot: Snapshot): Promise<void> {
    verifyIntegrity(snapshot.resources);
    await writeDurably(this.layout.checkpointFile, this.codec.encode(snapshot));
  }

  /** The journal is there before the checkpoint refers to it. */
  private async beginJournal(snapshot: Snapshot): Promise<void> {
    verifyIntegrity(snapshot.resources);
    const file = this.layout.checkpointFile;
    const name = `${path.basename(file)}.${randomBytes(4).toString("hex")}.journal`;
    const journal = await Journal.create(
      path.join(path.dirname(file), name),
      (resource) => this.codec.text(resource),
      (operation) => this.codec.pendingText(operation),
    );
    try {
      await journal.append(snapshot, () => this.codec.secretsProvider());
      await writeDurably(file, this.codec.encode(snapshot, name));
    } catch (error) {
      await journal.close();
      throw error;
    }
    this.journal = journal;
  }

  private async writeChanges(journal: Journal, snapshot: Snapshot): Promise<void> {
    if (++this.unchecked > snapshot.resources.length * UNCHECKED_SHARE) {
      verifyIntegrity(snapshot.resources);
      this.unchecked = 0;
    }
    try {
      await journal.append(snapshot, () => this.codec.secretsProvider());
    } catch (error) {
      await this.closeJournal(); // half a line may be at its end: the next write begins another one
      throw unwritable(error, this.layout.checkpointFile);
    }
  }

  private async closeJournal(): Promise<void> {
    await this.journal?.close();
    this.journal = undefined;
  }
}
