/** AWS's API for containers: the emulated account on the gateway of their network, as loopback is not theirs. */
import { once } from "node:events";
import * as net from "node:net";

export class ApiRelay {
  private constructor(
    private readonly server: net.Server,
    private readonly url: string,
  ) {}

  static async start(address: string, endpoint: string): Promise<ApiRelay> {
    const { hostname, port } = new URL(endpoint);
    const server = net.createServer((socket) => {
      const passed = net.connect(Number(port), hostname);
      socket.pipe(passed).pipe(socket);
      socket.on("error", () => passed.destroy());
      passed.on("error", () => socket.destroy());
    });
    server.listen(0, address);
    await once(server, "listening");
    return new ApiRelay(server, `http://${address}:${(server.address() as net.AddressInfo).port}`);
  }

  /** What a task has of AWS: the API, and credentials where it has a role. */
  environment(role: string | undefined): Record<string, string> {
    if (role === undefined) return {};
    return { AWS_ENDPOINT_URL: this.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    await closed;
  }
}
