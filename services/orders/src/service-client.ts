import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";

/** How long calls may take and how they are repeated; tests use shorter times. */
export interface CallTiming {
  tryTimeoutMs: number;
  maxTries: number;
  firstPauseMs: number;
  longestPauseMs: number;
}

export const defaultTiming: CallTiming = {
  tryTimeoutMs: 2_000,
  maxTries: 4,
  firstPauseMs: 100,
  longestPauseMs: 1_000,
};

/** The request on whose behalf a call is made. */
export interface CallContext {
  requestId: string;
  log: FastifyBaseLogger;
  /** On the clock of `performance.now()`. */
  endsAtMs: number;
}

export interface Answer {
  status: number;
  /** The JSON of the answer; undefined when it is none. */
  body: unknown;
}

/** The service did not answer in time, or only that it cannot serve now. */
export class CallFailed extends Error {}

interface Call {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Statuses of something in between that did not reach a service able to answer. */
const transientStatuses = new Set([502, 503, 504]);

/** Calls one other service with deadlines, and repeats what is safe to repeat. */
export class ServiceClient {
  readonly #baseUrl: string;

  constructor(
    private readonly service: string,
    baseUrl: string,
    private readonly timing: CallTiming,
  ) {
    this.#baseUrl = baseUrl.replace(/\/$/, "");
  }

  get(path: string, context: CallContext): Promise<Answer> {
    return this.#call({ method: "GET", path }, context);
  }

  /** Takes an idempotency key because it is repeated: the service does the work once for each key. */
  post(path: string, body: unknown, idempotencyKey: string, context: CallContext): Promise<Answer> {
    const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
    return this.#call({ method: "POST", path, headers, body: JSON.stringify(body) }, context);
  }

  async #call(call: Call, context: CallContext): Promise<Answer> {
    const { maxTries } = this.timing;
    for (let tries = 1; ; tries++) {
      const result = await this.#try(call, context);
      if (typeof result !== "string") return result;
      context.log.warn({ target: this.service, try: tries, reason: result }, "call failed");
      const pauseMs = this.#pauseMs(tries);
      if (tries === maxTries || performance.now() + pauseMs >= context.endsAtMs) {
        throw new CallFailed(`${this.service}: ${result}, after ${tries} of at most ${maxTries} tries`);
      }
      await sleep(pauseMs);
    }
  }

  /** The answer, or the reason why there is none. */
  async #try({ method, path, headers, body }: Call, context: CallContext): Promise<Answer | string> {
    const leftMs = Math.max(1, Math.round(context.endsAtMs - performance.now()));
    try {
      const response = await fetch(this.#baseUrl + path, {
        method,
        body,
        headers: { ...headers, "x-request-id": context.requestId },
        redirect: "manual",
        signal: AbortSignal.timeout(Math.min(this.timing.tryTimeoutMs, leftMs)),
      });
      const text = await response.text();
      if (transientStatuses.has(response.status)) return `status ${response.status}`;
      return { status: response.status, body: parseJson(text) };
    } catch (error) {
      return reasonOf(error as Error);
    }
  }

  /** Exponential backoff with full jitter, so that many callers do not come back in one beat. */
  #pauseMs(tries: number): number {
    const { firstPauseMs, longestPauseMs } = this.timing;
    return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` hides the system's error behind its own "fetch failed". */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
