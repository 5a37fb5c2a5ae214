/** Commands in pods and connections to them, over the API server's WebSockets. */
import type { Duplex, Readable } from "node:stream";
import type { Api } from "../../engine/providers/kubernetes/api";
import { UserError } from "../errors";
import { isTerminal, onResize, type Stdio, writeAll } from "../stdio";
import { noSuchProgram } from "../targets/choose";
import type { ApiObject } from "./pods";

type SocketApi = Pick<Api, "socket">;

const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

/** Since Kubernetes 1.30; it alone can say that the input has ended. */
const execProtocol = "v5.channel.k8s.io";
const forwardProtocol = "v4.channel.k8s.io";

/** Runs a command with our own streams, and returns its exit code. */
export async function execIn(
  api: SocketApi,
  pod: string,
  container: string,
  command: string[],
  stdio: Stdio,
): Promise<number> {
  const tty = isTerminal(stdio);
  const query = { container, command, tty, stdin: true, stdout: true, stderr: !tty };
  const socket = await api.socket(`${pod}/exec`, query, [execProtocol]);
  const endResizing = tty
    ? onResize(stdio, ({ columns, rows }) => {
        const size = JSON.stringify({ Width: columns, Height: rows });
        void socket.send(channels.resize, Buffer.from(size));
      })
    : undefined;
  void pump(stdio.stdin, (bytes) => socket.send(channels.stdin, bytes)).then(() =>
    socket.send(channels.close, Buffer.of(channels.stdin)),
  );
  try {
    for await (const { channel, bytes } of socket.messages()) {
      if (channel === channels.status) {
        return exitCodeOf(JSON.parse(bytes.toString("utf8")), command[0]!);
      }
      if (channel === channels.stdout || channel === channels.stderr) {
        await writeAll(channel === channels.stderr ? stdio.stderr : stdio.stdout, bytes);
      }
    }
  } finally {
    endResizing?.();
    socket.close();
  }
  throw new UserError("The connection to the cluster ended before the command did.");
}

/** Reads the `Status` that ends a command. */
function exitCodeOf({ status, message = "", details }: ApiObject, program: string): number {
  if (status === "Success") {
    return 0;
  }
  const cause = details?.causes?.find(({ reason }: ApiObject) => reason === "ExitCode");
  if (cause !== undefined) {
    return Number(cause.message);
  }
  // The container runtime's own words, without those of the servers around it.
  const why = message.replace(/^.*unable to start container process: |^.*OCI runtime exec failed: /s, "");
  throw new UserError(noSuchProgram(program, why.replace(/: unknown$/, "")));
}

/** Joins a connection with a port of a pod, until the pod's side is done. */
export async function forwardTo(api: SocketApi, pod: string, port: number, client: Duplex): Promise<void> {
  const socket = await api.socket(`${pod}/portforward`, { ports: port }, [forwardProtocol]);
  client.once("close", () => socket.close());
  // The end of what the client says cannot be passed on; the answer to it still comes.
  void pump(client, (bytes) => socket.send(forwarded.data, bytes));
  const begun = new Set<number>();
  let complaint = "";
  for await (const { channel, bytes } of socket.messages()) {
    if (!begun.has(channel)) {
      // The first message of each channel repeats the port.
      begun.add(channel);
    } else if (channel === forwarded.error) {
      complaint += bytes;
    } else {
      await writeAll(client, bytes);
    }
  }
  client.end();
  if (complaint !== "") {
    throw new UserError(complaint.trim());
  }
}

const forwarded = { data: 0, error: 1 } as const;

/** Sends what a stream says until it ends. */
async function pump(stream: Readable, send: (bytes: Buffer) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      await send(Buffer.from(chunk));
    }
  } catch {
    // A stream that breaks says nothing more; the other direction tells how it ends.
  }
}
