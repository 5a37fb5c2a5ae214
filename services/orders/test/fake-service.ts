import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Another service, as far as its callers can tell: it records what it is asked and answers as it is told. */
export class FakeService {
  readonly received: Received[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(answer: RequestListener): Promise<FakeService> {
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      fake.received.push({ method: request.method!, path: request.url!, headers: request.headers, body });
      answer(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const fake = new FakeService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return fake;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

export function json(status: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
}

/** Takes the request and never answers. */
export const silent: RequestListener = () => undefined;

/** Breaks the connection instead of answering. */
export const broken: RequestListener = (request) => void request.socket.destroy();

/** Answers the first request with the first, and so on; the last one serves the rest. */
export function inTurn(...answers: RequestListener[]): RequestListener {
  let next = 0;
  return (request, response) => {
    const answer = answers[Math.min(next++, answers.length - 1)]!;
    answer(request, response);
  };
}
