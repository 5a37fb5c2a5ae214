/** Asks the API server of a cluster, by the kubeconfig that was made for it. */
import * as fs from "node:fs";
import { get } from "node:https";
import { parse } from "yaml";

interface Access {
  server: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

const answerTimeoutMilliseconds = 5000;

/** The answer to a GET, `undefined` where there is none or it is not good. */
export function ask(kubeconfig: string, path: string): Promise<string | undefined> {
  const { server, ...tls } = readAccess(kubeconfig);
  return new Promise((resolve) => {
    const request = get(
      `${server}${path}`,
      { ...tls, agent: false, timeout: answerTimeoutMilliseconds },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("close", () => resolve(response.statusCode === 200 ? text : undefined));
      },
    );
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(undefined));
  });
}

function readAccess(kubeconfig: string): Access {
  const { clusters, users } = parse(fs.readFileSync(kubeconfig, "utf8"));
  const bytes = (text?: string) => (text === undefined ? undefined : Buffer.from(text, "base64"));
  return {
    server: clusters[0].cluster.server,
    ca: bytes(clusters[0].cluster["certificate-authority-data"]),
    cert: bytes(users[0].user["client-certificate-data"]),
    key: bytes(users[0].user["client-key-data"]),
  };
}
