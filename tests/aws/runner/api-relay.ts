/**
 * AWS's API for containers: the emulated account on the gateway of their network, as loopback is not theirs. A container has
 * the credentials of its task's role, and may do what that role may.
 */
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { Permissions } from "./permissions";

const CREDENTIALS = "/credentials/";
const DAY_MS = 86_400_000;
/** Of a signed request: who signs, and for which service. */
const SIGNED = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//;

export class ApiRelay {
  private constructor(
    private readonly server: http.Server,
    private readonly url: string,
  ) {}

  static async start(address: string, endpoint: string, permissions: Permissions): Promise<ApiRelay> {
    const server = http.createServer((request, response) => {
      const answered = request.url!.startsWith(CREDENTIALS)
        ? Promise.resolve(void response.end(credentials(request.url!.slice(CREDENTIALS.length))))
        : demanded(request, permissions).then(() => pass(request, response, endpoint));
      answered.catch((error: Error) => response.writeHead(403).end(error.message));
    });
    server.listen(0, address);
    await once(server, "listening");
    return new ApiRelay(server, `http://${address}:${(server.address() as AddressInfo).port}`);
  }

  /** What a task has of AWS: the API, and credentials where it has a role. */
  environment(role: string | undefined): Record<string, string> {
    if (role === undefined) return {};
    const name = role.split("/").at(-1)!;
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${this.url}${CREDENTIALS}${name}`,
    };
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** As ECS answers for a role; the access key is its name. */
function credentials(role: string): string {
  const Expiration = new Date(Date.now() + DAY_MS).toISOString();
  return JSON.stringify({ AccessKeyId: role, SecretAccessKey: "test", Token: "test", Expiration });
}

/** Only what containers of ours ask for is known: to read an object of S3. */
async function demanded(
  { method, url, headers }: http.IncomingMessage,
  permissions: Permissions,
): Promise<void> {
  const [, role, service] = SIGNED.exec(headers.authorization ?? "") ?? [];
  if (service !== "s3" || method !== "GET") throw new Error(`${method} ${url} of ${service} is not relayed`);
  const [place] = url!.slice(1).split("?");
  await permissions.demand(role, "s3:GetObject", `arn:aws:s3:::${decodeURIComponent(place!)}`);
}

function pass(request: http.IncomingMessage, response: http.ServerResponse, endpoint: string): void {
  const { method, headers, url } = request;
  const passed = http.request(new URL(url!, endpoint), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  request.pipe(passed);
}
