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
    const first = places[Math.max(given, 0)];
    const line = lineOf(first);
    const subject = line === undefined ? first.source.name : `${first.source.name}:${line}`;
    const described = places.map(
      ({ source, path }) => path || (source === this.whole ? "the description" : ""),
    );
    return sentence(subject, { ...this.inWritten(paths[0], problem), paths: described });
  }

  /** Numbers with their unit, where the user wrote them so. */
  private inWritten(path: string, problem: Omit<Problem, "paths">): Omit<Problem, "paths"> {
    const known = unitOf(path);
    const asWritten = [undefined, path].includes(this.spelling(path));
    if (known === undefined || typeof problem.got !== "number" || asWritten) {
      return problem;
    }
    const { usual } = known;
    const fix = problem.fix.replace(/^Write (\d+)\.$/, `Write "$1${usual}".`);
    return { ...problem, got: `${problem.got}${usual}`, fix };
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
