/** Logs of several containers as one. */
import type { Style, Terminal } from "../terminal";
import { LogDecoder, type LogLine } from "./log-decoder";
import type { DockerApi, Part } from "./stack-on-docker";

/** The last lines of one container, oldest first. */
export async function readLog(docker: DockerApi, part: Part, lines: number): Promise<LogLine[]> {
  const bytes = await docker.getContainer(part.id).logs({ ...everyStream, follow: false, tail: lines });
  const decoder = new LogDecoder(part.tty);
  return [...decoder.push(bytes), ...decoder.end()];
}

/** What is asked of every log. */
export const everyStream = { stdout: true, stderr: true, timestamps: true } as const;

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

/** @example placeOf(part); // "users/1" */
export function placeOf({ workload, replica }: Part): string {
  return replica === undefined ? workload : `${workload}/${replica}`;
}
