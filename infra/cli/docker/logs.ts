/** Logs of several containers as one. */
import type { Readable } from "node:stream";
import type { Style, Terminal } from "../terminal";
import { LogDecoder, type LogLine } from "./log-decoder";
import type { DockerApi, Part, StackOnDocker } from "./stack-on-docker";

/** The last lines of one container, oldest first. */
export async function readLog(docker: DockerApi, part: Part, lines: number): Promise<LogLine[]> {
  const bytes = await docker.getContainer(part.id).logs({ ...everyStream, follow: false, tail: lines });
  const decoder = new LogDecoder(part.tty);
  return [...decoder.push(bytes), ...decoder.end()];
}

const everyStream = { stdout: true, stderr: true, timestamps: true } as const;

export interface FollowOptions {
  /** Lines of the past to begin with, for each container. */
  lines: number;
  signal: AbortSignal;
  /** Which containers are of interest. */
  wanted(part: Part): boolean;
  onLine(part: Part, line: LogLine): void;
}

/** Calls `onLine` for what the containers write from now on, also those that start later, until aborted. */
export async function followLogs(stack: StackOnDocker, options: FollowOptions): Promise<void> {
  const { signal, wanted } = options;
  const { docker, label } = stack;
  const events = (await docker.getEvents({
    filters: { type: ["container"], event: ["start"], label: [`flotilla.stack=${label}`] },
  })) as Readable;
  const streams = new Set<Readable>([events]);

  const attach = async (part: Part, range: { tail: number } | { since: string }) => {
    const stream = await docker.getContainer(part.id).logs({ ...everyStream, ...range, follow: true } as {
      follow: true;
    });
    const decoder = new LogDecoder(part.tty);
    const tell = (lines: LogLine[]) => {
      for (const line of lines) {
        options.onLine(part, line);
      }
    };
    const readable = stream as Readable;
    streams.add(readable);
    readable.on("data", (chunk: Buffer) => tell(decoder.push(chunk)));
    readable.once("end", () => {
      tell(decoder.end());
      streams.delete(readable);
    });
  };

  onEachJson(events, ({ id, timeNano }: { id: string; timeNano: number }) => {
    const since = (timeNano / 1e9).toFixed(6);
    void stack
      .parts()
      .then((parts) =>
        Promise.all(
          parts.filter((part) => part.id === id && wanted(part)).map((part) => attach(part, { since })),
        ),
      )
      // A container that is gone again has nothing more to say.
      .catch(() => undefined);
  });
  await Promise.all(
    (await stack.parts()).filter(wanted).map((part) => attach(part, { tail: options.lines })),
  );

  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      events.once("close", resolve);
    });
  }
  for (const stream of streams) {
    stream.destroy();
  }
}

/** Docker writes one JSON object a line. */
function onEachJson<T>(stream: Readable, take: (value: T) => void): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString("utf8")}`.split("\n");
    rest = lines.pop()!;
    for (const line of lines.filter(Boolean)) {
      take(JSON.parse(line));
    }
  });
}

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
