import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const missing = spawnSync("redis-server", ["--version"]).error !== undefined;

/** Why tests against a real Redis cannot run here; false when they can. */
export const withoutRedis: string | false = missing && "there is no redis-server on the PATH";

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
  });
}

/** A real Redis on a loopback port of its own, which can be stopped and started again. */
export class RedisServer {
  readonly password = "a password of the tests";
  #process?: ChildProcess;

  private constructor(readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const flags = { port: String(this.port), bind: "127.0.0.1", save: "", requirepass: this.password };
    const options = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    this.#process = spawn("redis-server", options, { stdio: "ignore" });
    while (!(await accepts(this.port))) await sleep(10);
  }

  async stop(): Promise<void> {
    const process = this.#process!;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
  }

  /** Holds Redis still, as a machine that hangs does. */
  pause(): void {
    this.#process!.kill("SIGSTOP");
  }

  resume(): void {
    this.#process!.kill("SIGCONT");
  }
}
