/**
 * Where Pulumi's own `file://` backend keeps what, so that either engine can take a stack over.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { removeJournals } from "./checkpoint-file";
import { writeDurablySync } from "./files";

/** The organization that every stack of a `file://` backend belongs to. */
export const ORGANIZATION = "organization";

function directoryOf(backendUrl: string): string {
  if (!backendUrl.startsWith("file://")) {
    throw new Error(
      `The embedded engine keeps state in files only, got the backend "${backendUrl}". Write file:///a/folder, or use Pulumi's CLI.`,
    );
  }
  const [location] = backendUrl.split("?");
  if (location.startsWith("file://~")) return path.join(homedir(), location.slice("file://~".length));
  return location.startsWith("file:///")
    ? fileURLToPath(location)
    : path.resolve(location.slice("file://".length));
}

/** The paths of one stack within a backend. */
export class BackendLayout {
  private readonly root: string;

  constructor(
    backendUrl: string,
    readonly project: string,
    readonly stack: string,
  ) {
    this.root = path.join(directoryOf(backendUrl), ".pulumi");
  }

  /** Names of the stacks of a project that have a state in a backend. */
  static stacks(backendUrl: string, project: string): string[] {
    const folder = path.dirname(new BackendLayout(backendUrl, project, "any").checkpointFile);
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return files.flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).sort();
  }

  get checkpointFile(): string {
    return path.join(this.root, "stacks", this.project, `${this.stack}.json`);
  }
  /** There while a change of the passphrase is put in place. */
  get resealedFile(): string {
    return `${this.checkpointFile}.resealed`;
  }
  get historyDirectory(): string {
    return path.join(this.root, "history", this.project, this.stack);
  }
  get backupDirectory(): string {
    return path.join(this.root, "backups", this.project, this.stack);
  }
  get lockDirectory(): string {
    return path.join(this.root, "locks", ORGANIZATION, this.project, this.stack);
  }

  /** Makes the backend's folder, or refuses one of a layout that is not ours. */
  prepare(): void {
    const metaFile = path.join(this.root, "meta.yaml");
    if (existsSync(metaFile)) {
      const version: unknown = parse(readFileSync(metaFile, "utf8"))?.version;
      if (version !== 1) {
        throw new Error(
          `${metaFile} has version ${version}, and the embedded engine knows 1. Run "pulumi state upgrade" first.`,
        );
      }
    } else {
      mkdirSync(this.root, { recursive: true });
      writeDurablySync(metaFile, "version: 1\n");
    }
    mkdirSync(path.dirname(this.checkpointFile), { recursive: true });
  }

  /** Deletes all that is kept of the stack. */
  removeFiles(): void {
    removeJournals(this.checkpointFile);
    for (const file of [
      this.checkpointFile,
      `${this.checkpointFile}.bak`,
      this.resealedFile,
      this.historyDirectory,
      this.backupDirectory,
    ]) {
      rmSync(file, { recursive: true, force: true });
    }
  }
}
