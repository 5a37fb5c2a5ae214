import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./redis-server";

interface LogLine {
  time: string;
  level: string;
  service: string;
  message: string;
  requestId?: string;
  [key: string]: unknown;
}

/** The compiled service as a process of its own, seen only from outside. */
export class RunningService {
  readonly log: LogLine[] = [];
  readonly #exited: Promise<unknown[]>;

  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {
    createInterface({ input: process.stdout! }).on("line", (line) => this.log.push(JSON.parse(line)));
    this.#exited = once(process, "exit");
  }

  static async start(environment: Record<string, string>): Promise<RunningService> {
    const port = await freePort();
    const main = join(__dirname, "../src/main.js");
    const env = { PATH: process.env.PATH, PORT: String(port), ...environment };
    const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] });
    const service = new RunningService(`http://127.0.0.1:${port}`, child);
    await until(async () => {
      if (child.exitCode !== null) throw new Error(service.log.at(-1)?.message);
      return (await service.status("/healthz")) === 200;
    });
    return service;
  }

  /** The status of a GET; 0 when there is no connection. */
  async status(path: string): Promise<number> {
    try {
      return (await fetch(this.url + path)).status;
    } catch {
      return 0;
    }
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = { "content-type": "application/json" };
    return fetch(this.url + path, {
      method: "POST",
      headers: { ...json, ...headers },
      body: JSON.stringify(body),
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Its exit code, once it has ended. */
  async exitCode(): Promise<number | null> {
    const [code] = await this.#exited;
    return code as number | null;
  }

  async stop(): Promise<void> {
    this.signal("SIGKILL");
    await this.#exited;
  }
}

/** Waits for a condition; fails after `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > endAt) throw new Error(`Not within ${limitMs} ms: ${condition}`);
    await sleep(20);
  }
}
