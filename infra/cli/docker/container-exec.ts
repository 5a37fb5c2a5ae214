/** Programs that run in a container beside its own, by Docker's exec. */
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { UserError } from "../errors";
import { isTerminal, onResize, type Stdio, writeAll } from "../stdio";
import { noSuchProgram } from "../targets/choose";
import { FrameDecoder } from "./frames";

/** Every container has it, whatever its image is. */
const agent = "/.flotilla/agent";

/** What the container runtime prints when the image has no such program, and the exit codes that go with it. */
const cannotRun =
  /^OCI runtime exec failed: (?:exec failed: )?(?:unable to start container process: )?(.*?)(?:: unknown)?\s*$/s;
const cannotRunCodes = [126, 127];

/** Runs a command with our own streams, and returns its exit code. */
export async function execIn(container: Docker.Container, command: string[], stdio: Stdio): Promise<number> {
  const Tty = isTerminal(stdio);
  const exec = await container.exec({ Cmd: command, Tty, ...attached });
  const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty });
  const endResizing = Tty
    ? onResize(stdio, ({ columns, rows }) => {
        // A program that has ended already needs no size.
        exec.resize({ w: columns, h: rows }).catch(() => undefined);
      })
    : undefined;
  stdio.stdin.pipe(stream);
  const frames = new FrameDecoder(Tty);
  let printed = "";
  try {
    for await (const chunk of stream) {
      for (const { stream: number, bytes } of frames.push(chunk)) {
        printed = `${printed}${bytes}`.slice(0, 1000);
        if (!cannotRun.test(printed)) {
          await writeAll(number === 2 ? stdio.stderr : stdio.stdout, bytes);
        }
      }
    }
  } finally {
    endResizing?.();
    stdio.stdin.unpipe(stream);
  }
  const { ExitCode } = await exec.inspect();
  const [, why] = cannotRun.exec(printed) ?? [];
  if (why !== undefined && cannotRunCodes.includes(ExitCode ?? 0)) {
    throw new UserError(
      `${noSuchProgram(command[0]!, why)} Each container also has ${agent}, e.g. -- ${agent} probe http://127.0.0.1:8080/`,
    );
  }
  return ExitCode ?? 0;
}

/** Joins a connection with a port in the container's network, until either side is done. */
export async function dialIn(container: Docker.Container, port: number, client: Duplex): Promise<void> {
  const exec = await container.exec({ Cmd: [agent, "dial", `127.0.0.1:${port}`], ...attached });
  const stream: Duplex = await exec.start({ hijack: true, stdin: true });
  client.once("close", () => stream.destroy());
  client.pipe(stream);
  const frames = new FrameDecoder(false);
  let complaint = "";
  try {
    for await (const chunk of stream) {
      for (const { stream: number, bytes } of frames.push(chunk)) {
        if (number === 2) {
          complaint += bytes;
        } else {
          await writeAll(client, bytes);
        }
      }
    }
  } catch (error) {
    if (!client.destroyed) {
      throw error;
    }
  }
  client.end();
  const { ExitCode } = await exec.inspect();
  if (ExitCode) {
    throw new UserError(reasonOf(complaint));
  }
}

const attached = { AttachStdin: true, AttachStdout: true, AttachStderr: true };

/** The agent's log line is JSON. */
function reasonOf(complaint: string): string {
  try {
    return JSON.parse(complaint).msg;
  } catch {
    return complaint.trim();
  }
}
