/** The lines of JSON by which the daemon reports on a pull or a build. */

export interface DaemonMessage {
  stream?: string;
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
  errorDetail?: { message?: string };
  /** Of a build: the image, at its end and, of stages, before. */
  aux?: { ID?: string };
}

/** Gives every message to `onMessage`; the message with an error is the last one. */
export async function readMessages(
  stream: AsyncIterable<Buffer | string>,
  onMessage: (message: DaemonMessage) => void,
): Promise<void> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim()) onMessage(JSON.parse(line));
  }
  if (rest.trim()) onMessage(JSON.parse(rest));
}
