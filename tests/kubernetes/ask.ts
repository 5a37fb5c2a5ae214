/** Requests for any host, sent to a port of this machine; `fetch` sets the host by itself. */
import * as http from "node:http";
import { Client, credentials } from "@grpc/grpc-js";

export interface Told {
  service?: string;
  method?: string;
  url?: string;
  version?: string;
}

/** What a service of `routed.ts` says that it was asked; nothing where no service answers. */
export function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Told> {
  return new Promise((resolve) => {
    const request = http.request({ host: "127.0.0.1", port, path, agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(response.statusCode === 200 ? JSON.parse(text) : {}));
    });
    request.on("error", () => resolve({}));
    request.end();
  });
}

/** What a gRPC service of `routed-by-grpc.ts` says that it was asked; nothing where no service answers. */
export function call(port: number, host: string, method: string): Promise<string> {
  const options = { "grpc.default_authority": host };
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  const asIs = (message: Buffer) => message;
  return new Promise((resolve) => {
    client.makeUnaryRequest(method, asIs, asIs, Buffer.alloc(0), (_, answer) => {
      client.close();
      resolve(answer?.toString() ?? "");
    });
  });
}
