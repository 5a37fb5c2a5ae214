/** The output of containers: all of it, or the last lines for an error message. */
import type Docker from "dockerode";

const LAST_LINES = 20;

/** Standard output and error as one text, in the order in which they came. */
export async function allLogs(container: Docker.Container, tty: boolean): Promise<string> {
  return plainLog(await container.logs({ follow: false, stdout: true, stderr: true }), tty);
}

/** What a failed container has to say: its last probe and the end of its log, indented; "" when nothing. */
export async function lastWords(container: Docker.Container): Promise<string> {
  const live = await container.inspect().catch(() => undefined);
  if (!live) return "";
  const probe = live.State.Health?.Log?.at(-1);
  const probed = probe ? `\n  last probe (exit code ${probe.ExitCode}): ${oneLine(probe.Output)}` : "";
  const log = await container
    .logs({ follow: false, stdout: true, stderr: true, tail: LAST_LINES })
    .then((data) => plainLog(data, live.Config.Tty))
    .catch(() => "");
  const lines = log.trimEnd().split("\n").slice(-LAST_LINES);
  const logged = log.trim() ? `\n  end of its log:\n${lines.map((line) => `    ${line}`).join("\n")}` : "";
  return `${probed}${logged}`;
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, " | ") || "no output";

/** Takes the frames off in which the daemon wraps the output of a container without a terminal. */
export function plainLog(data: Buffer, tty: boolean): string {
  if (tty) return data.toString("utf8");
  const headerSize = 8;
  const parts: Buffer[] = [];
  for (let offset = 0; offset + headerSize <= data.length; ) {
    const size = data.readUInt32BE(offset + 4);
    parts.push(data.subarray(offset + headerSize, offset + headerSize + size));
    offset += headerSize + size;
  }
  return Buffer.concat(parts).toString("utf8");
}
