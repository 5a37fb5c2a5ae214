/** Logs of several containers as one. */
import type { Style, Terminal } from "../terminal";
import { type LogLine, type Part, placeOf } from "./target";

const palette: Style[] = ["cyan", "green", "yellow", "magenta", "blue"];

/** Writes lines behind the name of their replica, a colour for each workload. */
export class LogPrinter {
  readonly #width: number;
  readonly #workloads: string[];

  constructor(
    private readonly terminal: Pick<Terminal, "style" | "line">,
    parts: Part[],
  ) {
    this.#width = Math.max(0, ...parts.map((part) => placeOf(part).length));
    this.#workloads = [...new Set(parts.map(({ workload }) => workload))];
  }

  print(part: Part, { text }: LogLine): void {
    const colour = palette[Math.max(0, this.#workloads.indexOf(part.workload)) % palette.length]!;
    this.terminal.line(`${this.terminal.style(colour, `${placeOf(part).padEnd(this.#width)} |`)} ${text}`);
  }
}
