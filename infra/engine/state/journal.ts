/**
 * The changes of a large state, a line each, so that a write costs what has changed and not what there is.
 *
 * A checkpoint that has a journal names it. Each line tells how the lists of resources and of pending operations come
 * from those before it: ranges of what stays, and what is new between them. It begins with a digest of the rest, by
 * which a last line is known that a crash cut off.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import * as path from "node:path";
import type { Properties } from "../provider";
import { syncFolder } from "./files";
import type { PendingOperation, ResourceRecord, Snapshot } from "./records";

/** A state file that cannot be used as it is. */
export class UnusableState extends Error {}

/** From which place to which, both included, of the list before; or a new element. */
type Part = [from: number, to: number] | Properties;

interface Line {
  resources: Part[];
  pending: Part[];
  secretsProvider: Properties | null;
}

/** The parts of a state as they are in a checkpoint. */
export interface JournaledState {
  resources: Properties[];
  pending: Properties[];
  secretsProvider: Properties | null;
}

const DIGEST_LENGTH = 16;

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, DIGEST_LENGTH);
}

/** A list as it was written last, and how the next one comes from it. */
class WrittenList<Element extends object> {
  private elements: Element[] = [];
  private readonly texts = new WeakMap<Element, string>();

  /** @param encode the JSON of an element */
  constructor(private readonly encode: (element: Element) => string) {}

  /** The JSON of the parts; the list is the one before from now on. */
  advance(next: readonly Element[]): string {
    const parts: string[] = [];
    const before = this.elements;
    let places: Map<Element, number> | undefined;
    let from = -1;
    let place = -1; // of the last element that stays
    const closeRange = () => {
      if (from >= 0) parts.push(`[${from},${place}]`);
      from = -1;
    };
    for (const element of next) {
      let stays = -1;
      const text = this.encode(element);
      if (this.texts.get(element) === text) {
        // Mostly the next one, or the one after it when that has gone.
        if (before[place + 1] === element) stays = place + 1;
        else if (before[place + 2] === element) stays = place + 2;
        else {
          places ??= new Map(before.map((each, index) => [each, index]));
          stays = places.get(element) ?? -1;
        }
      }
      if (stays < 0 || from < 0 || stays !== place + 1) closeRange();
      if (stays < 0) {
        parts.push(text);
        this.texts.set(element, text);
      } else {
        if (from < 0) from = stays;
        place = stays;
      }
    }
    closeRange();
    this.elements = [...next];
    return `[${parts.join()}]`;
  }
}

/** A journal that this process writes. */
export class Journal {
  private readonly resources: WrittenList<ResourceRecord>;
  private readonly pending: WrittenList<PendingOperation>;

  private constructor(
    private readonly handle: FileHandle,
    encodeResource: (resource: ResourceRecord) => string,
    encodePending: (operation: PendingOperation) => string,
  ) {
    this.resources = new WrittenList(encodeResource);
    this.pending = new WrittenList(encodePending);
  }

  /** Makes an empty one, whose first line will have all. */
  static async create(
    file: string,
    encodeResource: (resource: ResourceRecord) => string,
    encodePending: (operation: PendingOperation) => string,
  ): Promise<Journal> {
    const handle = await open(file, "wx", 0o600);
    await syncFolder(path.dirname(file));
    return new Journal(handle, encodeResource, encodePending);
  }

  /**
   * Adds a state; when this resolves, it is on the disk.
   *
   * @param secretsProvider answers the JSON of what its secrets are sealed with, known once they are
   */
  async append(
    { resources, pendingOperations }: Snapshot,
    secretsProvider: () => string | undefined,
  ): Promise<void> {
    const lists = `"resources":${this.resources.advance(resources)},"pending":${this.pending.advance(pendingOperations)}`;
    const text = `{${lists},"secretsProvider":${secretsProvider() ?? "null"}}`;
    await this.handle.appendFile(`${digest(text)} ${text}\n`);
    await this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** The last whole state of a journal. */
export function replay(text: string, file: string): JournaledState {
  let state: JournaledState = { resources: [], pending: [], secretsProvider: null };
  const lines = text.split("\n");
  const torn = lines.pop(); // what follows the last end of a line
  for (const [index, line] of lines.entries()) {
    const json = line.slice(DIGEST_LENGTH + 1);
    if (line.slice(0, DIGEST_LENGTH) !== digest(json)) {
      if (index === lines.length - 1 && !torn) break; // its blocks had not come to the disk
      throw new UnusableState(`${file} is damaged in line ${index + 1}.`);
    }
    const { resources, pending, secretsProvider }: Line = JSON.parse(json);
    state = {
      resources: assemble(state.resources, resources),
      pending: assemble(state.pending, pending),
      secretsProvider,
    };
  }
  return state;
}

function assemble(before: Properties[], parts: Part[]): Properties[] {
  const list: Properties[] = [];
  for (const part of parts) {
    if (!Array.isArray(part)) list.push(part);
    else for (let place = part[0]; place <= part[1]; place++) list.push(before[place]);
  }
  return list;
}
