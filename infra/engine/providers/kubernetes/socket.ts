/** The API server's channels: several streams over one WebSocket, each message led by the number of its stream. */
import type { RequestOptions } from "node:https";
import WebSocket from "ws";
import { ApiError, Unreachable } from "./errors";
import type { ClusterAccess } from "./kubeconfig";

/** Bytes that may wait to be sent before a writer has to wait too. */
const mostBuffered = 1 << 20;

export class ChannelSocket {
  private constructor(private readonly socket: WebSocket) {}

  /** @throws ApiError when the server refuses, Unreachable when none answers. */
  static async open(
    url: URL,
    protocols: string[],
    access: ClusterAccess,
    options: RequestOptions,
  ): Promise<ChannelSocket> {
    const socket = new WebSocket(url, protocols, options as WebSocket.ClientOptions);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => {
        // Nothing is lost that comes before somebody listens.
        socket.pause();
        resolve();
      });
      socket.once("error", (error: NodeJS.ErrnoException) => reject(new Unreachable(access, error)));
      socket.once("unexpected-response", (_request, response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.once("end", () => {
          reject(refusal(response.statusCode ?? 500, text));
          socket.terminate();
        });
      });
    });
    return new ChannelSocket(socket);
  }

  /** Sends to a stream; resolves when more may be sent. */
  send(channel: number, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const sent = () => resolve();
      this.socket.send(Buffer.concat([Buffer.of(channel), bytes]), sent);
      if (this.socket.bufferedAmount < mostBuffered) resolve();
    });
  }

  /** Each message until the server closes; it sends no more than is taken. */
  async *messages(): AsyncGenerator<{ channel: number; bytes: Buffer }> {
    const waiting: Buffer[] = [];
    let wake = () => {};
    let ended = false;
    this.socket.on("message", (data: Buffer) => {
      waiting.push(data);
      this.socket.pause();
      wake();
    });
    this.socket.once("close", () => {
      ended = true;
      wake();
    });
    // Its close follows.
    this.socket.on("error", () => {});
    for (;;) {
      const data = waiting.shift();
      if (data !== undefined) {
        yield { channel: data[0], bytes: data.subarray(1) };
      } else if (ended || this.socket.readyState === WebSocket.CLOSED) {
        return;
      } else {
        this.socket.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  close(): void {
    this.socket.terminate();
  }
}

function refusal(status: number, text: string): ApiError {
  try {
    return new ApiError(status, JSON.parse(text));
  } catch {
    return new ApiError(status, { message: text.trim() || `the API server answered ${status}` });
  }
}
