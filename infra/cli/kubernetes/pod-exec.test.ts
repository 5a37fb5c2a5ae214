/** Commands and connections over real WebSockets, to a server that answers as Kubernetes does. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { Api } from "../../engine/providers/kubernetes/api";
import { execIn, forwardTo } from "./pod-exec";

type Answer = (socket: WebSocket, url: URL) => void;

/** The API of a server on loopback; `refusal` is what it answers instead of a WebSocket. */
async function serve(
  t: TestContext,
  answer: Answer,
  refusal?: { code: number; message: string },
): Promise<Api> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (refusal !== undefined) {
      const body = JSON.stringify({ message: refusal.message });
      socket.end(`HTTP/1.1 ${refusal.code} No\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => answer(open, new URL(request.url!, "http://a")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return new Api({
    ...{ server: `http://127.0.0.1:${port}`, source: "a test", namespace: "shop", skipVerification: false },
    token: "secret",
  });
}

const send = (socket: WebSocket, channel: number, content: string | Buffer) =>
  socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(content)]));
const success = JSON.stringify({ status: "Success" });
const exited = (code: number) =>
  JSON.stringify({ status: "Failure", details: { causes: [{ reason: "ExitCode", message: String(code) }] } });

function streams() {
  const stdio = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  return { stdio, written: () => [stdio.stdout.read()?.toString(), stdio.stderr.read()?.toString()] };
}

test("exec sends the input to its end, and brings back both streams and the exit code", async (t) => {
  let asked: URLSearchParams | undefined;
  const api = await serve(t, (socket, url) => {
    asked = url.searchParams;
    assert.equal(socket.protocol, "v5.channel.k8s.io");
    let input = "";
    socket.on("message", (data: Buffer) => {
      if (data[0] === 0) {
        input += data.subarray(1);
      } else if (data[0] === 255) {
        send(socket, 1, input.toUpperCase());
        send(socket, 2, "careful");
        send(socket, 3, exited(7));
        socket.close();
      }
    });
  });
  const { stdio, written } = streams();
  stdio.stdin.end("words");
  assert.equal(await execIn(api, "/api/v1/namespaces/shop/pods/users", "main", ["sort", "-r"], stdio), 7);
  assert.deepEqual(written(), ["WORDS", "careful"]);
  assert.deepEqual(
    [...asked!],
    [
      ["container", "main"],
      ["command", "sort"],
      ["command", "-r"],
      ["tty", "false"],
      ["stdin", "true"],
      ["stdout", "true"],
      ["stderr", "true"],
    ],
  );
});

test("exec loses nothing that the server says at once", async (t) => {
  const api = await serve(t, (socket) => {
    send(socket, 1, "a");
    send(socket, 1, Buffer.alloc(3_000_000, "b"));
    send(socket, 3, success);
  });
  const { stdio } = streams();
  const output = text(stdio.stdout);
  assert.equal(await execIn(api, "/pod", "main", ["yes"], stdio), 0);
  stdio.stdout.end();
  assert.equal((await output).length, 3_000_001);
});

test("exec tells a missing program in the runtime's words, a refusal in the server's, and a lost connection", async (t) => {
  const message =
    'Internal error occurred: failed to exec in container: OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown';
  const missing = await serve(t, (socket) => send(socket, 3, JSON.stringify({ status: "Failure", message })));
  await assert.rejects(execIn(missing, "/pod", "main", ["sh"], streams().stdio), {
    message:
      '"sh" cannot be run there: exec: "sh": executable file not found in $PATH. Many images have no shell; name a program that the image has.',
  });
  const refused = await serve(t, () => undefined, { code: 403, message: "users may not exec" });
  await assert.rejects(execIn(refused, "/pod", "main", ["sh"], streams().stdio), {
    message: "users may not exec",
  });
  const lost = await serve(t, (socket) => socket.close());
  await assert.rejects(execIn(lost, "/pod", "main", ["sh"], streams().stdio), {
    message: "The connection to the cluster ended before the command did.",
  });
});

/** Both ends of a connection. */
function connection() {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const client = Duplex.from({ readable: toServer, writable: toClient });
  return { client, toServer, answer: text(toClient) };
}

const port = Buffer.of(0x90, 0x1f);

test("a forwarded connection is answered after its own end, without the ports that lead each channel", async (t) => {
  const api = await serve(t, (socket, url) => {
    assert.equal(url.search, "?ports=8080");
    send(socket, 0, port);
    send(socket, 1, port);
    socket.on("message", (data: Buffer) => {
      send(socket, 0, `echo ${data.subarray(1)}`);
      setTimeout(() => socket.close(), 50);
    });
  });
  const { client, toServer, answer } = connection();
  toServer.end("words");
  await forwardTo(api, "/pod", 8080, client);
  assert.equal(await answer, "echo words");
});

test("a port at which nobody answers is told", async (t) => {
  const api = await serve(t, (socket) => {
    send(socket, 0, port);
    send(socket, 1, port);
    send(socket, 1, "connection refused\n");
    socket.close();
  });
  const { client } = connection();
  await assert.rejects(forwardTo(api, "/pod", 9, client), { message: "connection refused" });
});
