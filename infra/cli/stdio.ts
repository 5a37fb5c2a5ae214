/** The streams that a command hands on to a program in a container. */
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

export interface Stdio {
  stdin: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  stderr: Writable;
}

/** Whether somebody sits there, so that the program gets a terminal too. */
export function isTerminal({ stdin, stdout }: Stdio): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

/** Calls `resize` with the terminal's size, now and whenever it changes; returns what ends that. */
export function onResize(
  { stdout }: Stdio,
  resize: (size: { columns: number; rows: number }) => void,
): () => void {
  const tell = () => resize({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  tell();
  stdout.on("resize", tell);
  return () => void stdout.off("resize", tell);
}

/** Writes, and waits where whoever reads is slower than whoever writes. */
export async function writeAll(stream: Writable, bytes: Buffer): Promise<void> {
  if (!stream.destroyed && !stream.write(bytes)) {
    await Promise.race([once(stream, "drain"), once(stream, "close")]);
  }
}
