/** Requests for any host, sent to a port of this machine; `fetch` sets the host by itself. */
import * as http from "node:http";

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
