/** Small servers that a gateway leads to. */
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as grpc from "@grpc/grpc-js";
import { WebSocketServer } from "ws";

export interface Running {
  /** As containers reach it. */
  address: string;
  close(): Promise<void>;
}

export interface Echo extends Running {
  /** Paths of the requests that came, in their order. */
  seen: string[];
}

/** Tells what it got; `/status/503` and the like answer so, `/slow` after a second. Takes WebSockets, and sends back each message. */
export async function echo(host: string, name: string): Promise<Echo> {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    const path = request.url!;
    seen.push(path);
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const status = Number(/\/status\/(\d+)/.exec(path)?.[1] ?? 200);
      const told = { name, method: request.method, path, headers: request.headers };
      const body = JSON.stringify({ ...told, bytes: Buffer.concat(chunks).length });
      if (path.includes("/silent")) {
        return;
      }
      const answer = () => response.writeHead(status, { "content-type": "application/json" }).end(body);
      setTimeout(answer, path.includes("/slow") ? 1500 : 0);
    });
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (message, isBinary) => client.send(message, { binary: isBinary }));
      client.on("error", () => client.terminate());
    });
  });
  return { ...(await listening(server, host)), seen };
}

/** Serves keys below `/keys`, and decides who comes in: those who send `x-ticket: gold`. */
export async function authority(host: string, jwks: () => string): Promise<Running> {
  const server = http.createServer((request, response) => {
    if (request.url === "/keys") {
      response.writeHead(200, { "content-type": "application/json" }).end(jwks());
    } else if (request.headers["x-ticket"] === "gold") {
      response.writeHead(200, { "x-guest": "grace", "x-unasked": "yes" }).end();
    } else {
      response.writeHead(request.headers["x-ticket"] === undefined ? 401 : 403).end("no");
    }
  });
  return listening(server, host);
}

export interface KeyHost extends Running {
  port: number;
  /** How often the keys were fetched. */
  fetched: number;
}

/** An issuer outside the architecture: serves its keys by HTTPS only. */
export async function keyHost(
  host: string,
  { certificate: cert, privateKey: key }: { certificate: string; privateKey: string },
  jwks: () => string,
): Promise<KeyHost> {
  const counted = { fetched: 0 };
  const server = https.createServer({ cert, key }, (request, response) => {
    counted.fetched += request.url === "/keys" ? 1 : 0;
    response.writeHead(200, { "content-type": "application/json" }).end(jwks());
  });
  const running = await listening(server, host);
  return Object.assign(counted, { ...running, port: Number(running.address.split(":")[1]) });
}

/** Sends back what comes over TCP. */
export function tcpEcho(host: string): Promise<Running> {
  return listening(
    net.createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.pipe(socket);
    }),
    host,
  );
}

const raw = (value: Buffer): Buffer => value;
const method = (path: string, streams: boolean) => ({
  path,
  requestStream: streams,
  responseStream: streams,
  ...{ requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw },
});

/** Standard health, and reflection's stream, by their bytes. */
export const HEALTH = { check: method("/grpc.health.v1.Health/Check", false) };
export const REFLECTION = { info: method("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", true) };

/** `SERVING`, as bytes. */
export const SERVING = Buffer.from([8, 1]);

/** A gRPC server that is healthy; its reflection sends back what comes. */
export async function grpcServer(host: string): Promise<Running> {
  const server = new grpc.Server();
  server.addService(HEALTH, {
    check: (_call: unknown, answer: grpc.sendUnaryData<Buffer>) => answer(null, SERVING),
  });
  server.addService(REFLECTION, {
    info: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (message) => call.write(message));
      call.on("end", () => call.end());
    },
  });
  const credentials = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:0`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `${host}:${port}`, close: async () => server.forceShutdown() };
}

async function listening(server: net.Server, host: string): Promise<Running> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    address: `${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}
