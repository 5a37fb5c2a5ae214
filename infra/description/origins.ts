/** Remembers where each value of a description was written. */
import { holder, member, type Problem, sentence } from "../../components/problems";
import { unitOf } from "./units";

/** A file, or a part of one, that says something about the architecture. */
export interface Source {
  /** What messages call it. */
  name: string;
  /** Line of each path, where that is known. */
  lines?: ReadonlyMap<string, number>;
}

export interface Origin {
  source: Source;
  /** Path within the source. */
  path: string;
}

export class Origins {
  private readonly written = new Map<string, Origin>();

  constructor(private readonly whole: Source) {}

  set(path: string, origin: Origin): void {
    this.written.set(path, origin);
  }

  /** Whether the value at a path was written, by its own name or by its bare one. */
  has(path: string): boolean {
    return this.spelling(path) !== undefined;
  }

  /** Where the value at a path was written, or would have to be. */
  find(path: string): Origin {
    const spelling = this.spelling(path);
    if (spelling !== undefined) {
      return this.written.get(spelling)!;
    }
    if (path === "") {
      return { source: this.whole, path };
    }
    const above = this.find(holder(path));
    const step = path.slice(holder(path).length);
    return { source: above.source, path: above.path === "" ? step.replace(/^\./, "") : above.path + step };
  }

  /** A problem with the place where the user wrote the value. */
  tell({ paths, ...problem }: Problem): string {
    const places = paths.map((path) => this.find(path));
    const given = paths.findIndex((path) => this.has(path));
    const { source } = places[Math.max(given, 0)];
    const line = lineOf(places[Math.max(given, 0)]);
    const subject = line === undefined ? source.name : `${source.name}:${line}`;
    return sentence(subject, { ...problem, paths: places.map(({ path }) => path || "the description") });
  }

  /** The path under which a value was written: of `memoryMiB` and `memory`, the one that was. */
  private spelling(path: string): string | undefined {
    const bare = unitOf(path)?.bare;
    return [path, bare].find((name) => name !== undefined && this.written.has(name));
  }
}

function lineOf({ source, path }: Origin): number | undefined {
  for (let at = path; at !== ""; at = holder(at)) {
    const line = source.lines?.get(at);
    if (line !== undefined) {
      return line;
    }
  }
  return source.lines?.get("");
}

/** Paths of a value and of everything in it. */
export function* pathsOf(value: unknown, path: string): Generator<string> {
  yield path;
  if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      yield* pathsOf(part, member(path, Array.isArray(value) ? Number(key) : key));
    }
  }
}
