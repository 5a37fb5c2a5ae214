/** Where the command line writes: what the terminal can do, and colours where it can. */

/** The parts of a stream of Node that are used. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof styles;

export class Terminal {
  /** Whether lines may be drawn again in place. */
  readonly interactive: boolean;
  readonly #colours: boolean;

  constructor(
    private readonly output: Output,
    private readonly errors: Output,
    environment: NodeJS.ProcessEnv,
  ) {
    const terminal = output.isTTY === true && environment.TERM !== "dumb";
    this.interactive = terminal && !environment.CI;
    this.#colours = terminal && !environment.NO_COLOR;
  }

  /** Without a bound where lines are not laid out, as in a file. */
  get columns(): number {
    return this.output.columns ?? (this.output.isTTY ? 80 : Number.POSITIVE_INFINITY);
  }

  get rows(): number {
    return this.output.rows ?? 24;
  }

  write(text: string): void {
    this.output.write(text);
  }

  line(text = ""): void {
    this.output.write(`${text}\n`);
  }

  errorLine(text: string): void {
    this.errors.write(`${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.#colours ? `\u001b[${styles[style]}m${text}\u001b[0m` : text;
  }
}
