/** Turns the bytes of Docker's log stream into lines. */
import type { LogLine } from "../targets/target";
import { FrameDecoder } from "./frames";

/** What is asked of every log. */
export const everyStream = { stdout: true, stderr: true, timestamps: true } as const;

export class LogDecoder {
  readonly #frames: FrameDecoder;
  /** Unfinished lines by stream (1 stdout, 2 stderr), as a line may span frames. */
  readonly #unfinished = new Map<number, Buffer>();

  /** @param raw whether the container has a terminal: then there are no frames. */
  constructor(raw: boolean) {
    this.#frames = new FrameDecoder(raw);
  }

  /** Takes the next bytes, and returns the lines that they complete. */
  push(chunk: Buffer): LogLine[] {
    return this.#frames.push(chunk).flatMap(({ stream, bytes }) => this.#split(stream, bytes));
  }

  /** The last lines, which had no line feed. */
  end(): LogLine[] {
    const lines = [...this.#unfinished.values()].filter(({ length }) => length > 0).map(toLine);
    this.#unfinished.clear();
    return lines;
  }

  #split(stream: number, bytes: Buffer): LogLine[] {
    let rest = Buffer.concat([this.#unfinished.get(stream) ?? Buffer.alloc(0), bytes]);
    const lines: LogLine[] = [];
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      lines.push(toLine(rest.subarray(0, end)));
      rest = rest.subarray(end + 1);
    }
    this.#unfinished.set(stream, rest);
    return lines;
  }
}

function toLine(bytes: Buffer): LogLine {
  const line = bytes.toString("utf8").replace(/\r$/, "");
  const space = line.indexOf(" ");
  return space < 0 ? { at: line, text: "" } : { at: line.slice(0, space), text: line.slice(space + 1) };
}
