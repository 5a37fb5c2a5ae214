import { createClient } from "@redis/client";
import type { Logger } from "pino";
import { ApiError } from "./errors";

const commandDeadlineMs = 1_000;
const connectTimeoutMs = 2_000;
const longestPauseMs = 1_000;

interface RedisOptions {
  url: string;
  password?: string;
}

/** Exponential backoff with full jitter, so that many replicas do not come back in one beat. */
function reconnectPauseMs(retries: number): number {
  return Math.ceil(Math.random() * Math.min(longestPauseMs, 50 * 2 ** Math.min(retries, 10)));
}

function createRedisClient({ url, password }: RedisOptions) {
  return createClient({
    url,
    password,
    // A command that waited for Redis to come back could run long after its request was refused.
    disableOfflineQueue: true,
    socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: reconnectPauseMs },
  });
}

export type RedisClient = ReturnType<typeof createRedisClient>;

/** A connection to Redis that comes back by itself; while it is away, requests are refused at once. */
export class RedisConnection {
  readonly #client: RedisClient;
  #away = false;

  constructor(options: RedisOptions, log: Logger) {
    this.#client = createRedisClient(options);
    this.#client.on("error", (error: Error) => {
      // One line for each time that Redis goes away, not one for each attempt.
      if (!this.#away) log.warn({ reason: error.message }, "Redis is away");
      this.#away = true;
    });
    this.#client.on("ready", () => {
      this.#away = false;
      log.info("Redis is connected");
    });
  }

  /** Begins to connect, and goes on until it succeeds. */
  start(): void {
    // Rejects only when stop() comes first; anything else is reported as an error event and tried again.
    this.#client.connect().catch(() => undefined);
  }

  stop(): void {
    this.#client.destroy();
  }

  async requireReady(): Promise<void> {
    await this.run((client) => client.ping());
  }

  /** Runs a command with a deadline; throws the answer for the caller when Redis does not serve it. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      const error = new Error(`Redis did not answer within ${commandDeadlineMs} ms`);
      // One turn later: an answer that came while this process stood still is read before that.
      timer = setTimeout(() => setImmediate(reject, error), commandDeadlineMs);
    });
    try {
      return await Promise.race([command(this.#client), deadline]);
    } catch (cause) {
      throw new ApiError(503, "store_unavailable", "The store does not answer. Try again in a moment.", {
        retryAfterSeconds: 1,
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
