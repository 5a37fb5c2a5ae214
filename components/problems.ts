import { RunError } from "@pulumi/pulumi/errors";

/** One thing that is wrong. */
export interface Problem {
  /** Where it is, e.g. `routes[0].path`; more than one where any of them would mend it. */
  paths: string[];
  /** What the value breaks, as the rest of a sentence that begins with the path. */
  rule: string;
  got: unknown;
  /** What to write instead. */
  fix: string;
}

/** In place of a value that no message may show; any symbol is shown by its description alone. */
export const NOT_SHOWN = Symbol("what is not shown here");

/**
 * Collects everything that is wrong with one component's arguments, so that all of it is told at once.
 *
 * @example
 * const problems = new Problems('Gateway "edge"');
 * problems.add("routes[0].path", 'must start with "/"', "orders", 'Write "/orders".');
 * problems.throwIfAny(); // Gateway "edge": routes[0].path must start with "/", got "orders". Write "/orders".
 */
export class Problems {
  private readonly found: Problem[] = [];

  constructor(readonly subject: string) {}

  /** Records that the value at `path` breaks `rule`; `fix` says what to write instead. */
  add(path: string | string[], rule: string, got: unknown, fix: string): void {
    this.found.push({ paths: [path].flat(), rule, got, fix });
  }

  /** Takes over what another collection found in the part of this one's subject that stands at `path`. */
  include(other: Problems, path: string): void {
    for (const problem of other.found) {
      this.found.push({ ...problem, paths: problem.paths.map((inner) => within(path, inner)) });
    }
  }

  /** Whether something is wrong at a path, within what stands there, or with what it is a part of. */
  areAbout(path: string): boolean {
    const isWithin = (inner: string, outer: string): boolean =>
      inner.startsWith(outer) && /^($|[.[])/.test(outer === "" ? "" : inner.slice(outer.length));
    return this.found.some(({ paths }) => paths.some((one) => isWithin(one, path) || isWithin(path, one)));
  }

  get all(): readonly Problem[] {
    return this.found;
  }

  /** All problems so far, one sentence each. */
  get messages(): readonly string[] {
    return this.found.map((problem) => sentence(this.subject, problem));
  }

  /** @throws RunError with every recorded problem, one a line. */
  throwIfAny(): void {
    if (this.found.length > 0) {
      throw new RunError(this.messages.join("\n"));
    }
  }
}

/** A problem as users read it. */
export function sentence(subject: string, { paths: [first, ...others], rule, got, fix }: Problem): string {
  const alternatives = others.map((path) => ` or ${lastStep(path)}`).join("");
  const place = first === "" ? "" : `${first}${alternatives} `;
  return `${subject}: ${place}${rule}, got ${shown(got)}. ${fix}`;
}

const STEP = /\.?(?:[^.[\]]+|\[(?:\d+|"(?:[^"\\]|\\.)*")\])$/;

/** The path of a member: by a dot where its name is plain, else in brackets. */
export function member(path: string, key: string | number): string {
  if (typeof key === "number") {
    return `${path}[${key}]`;
  }
  return /^[A-Za-z_][\w-]*$/.test(key) ? within(path, key) : `${path}[${JSON.stringify(key)}]`;
}

/** The path of what holds the value at `path`; "" above the first step. */
export function holder(path: string): string {
  return path.replace(STEP, "");
}

function lastStep(path: string): string {
  return path.slice(holder(path).length).replace(/^\./, "");
}

function within(path: string, inner: string): string {
  return path === "" || inner === "" || inner.startsWith("[") ? path + inner : `${path}.${inner}`;
}

function shown(got: unknown): string {
  if (got === undefined) {
    return "nothing";
  }
  if (typeof got === "symbol") {
    return String(got.description);
  }
  return typeof got === "number" ? String(got) : JSON.stringify(got);
}
