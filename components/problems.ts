import { RunError } from "@pulumi/pulumi/errors";

/**
 * Collects everything that is wrong with one component's arguments, so that all of it is told at once.
 *
 * @example
 * const problems = new Problems('Gateway "edge"');
 * problems.add("routes[0].path", 'must start with "/"', "orders", 'Write "/orders".');
 * problems.throwIfAny(); // Gateway "edge": routes[0].path must start with "/", got "orders". Write "/orders".
 */
export class Problems {
  private readonly lines: string[] = [];

  constructor(readonly subject: string) {}

  /** Takes over what another collection found. */
  include(other: Problems): void {
    this.lines.push(...other.lines);
  }

  /** Records that the value at `path` breaks `rule`; `fix` says what to write instead. */
  add(path: string, rule: string, got: unknown, fix: string): void {
    const shown = got === undefined ? "nothing" : typeof got === "number" ? got : JSON.stringify(got);
    this.lines.push(`${this.subject}: ${path} ${rule}, got ${shown}. ${fix}`);
  }

  /** All problems so far, one sentence each. */
  get messages(): readonly string[] {
    return this.lines;
  }

  /** @throws RunError with every recorded problem, one a line. */
  throwIfAny(): void {
    if (this.lines.length > 0) {
      throw new RunError(this.lines.join("\n"));
    }
  }
}
