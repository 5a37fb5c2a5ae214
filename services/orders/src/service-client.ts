import { type CallContext, type CallTiming, NoAnswer, repeat } from "./calls";

export interface Answer {
  status: number;
  /** The JSON of the answer; undefined when it is none. */
  body: unknown;
}

/** Statuses of something in between that did not reach a service able to answer. */
const transientStatuses = new Set([502, 503, 504]);

/** Asks one other service by HTTP, with deadlines; asking changes nothing there, so it is repeated. */
export class ServiceClient {
  readonly #baseUrl: string;

  constructor(
    private readonly service: string,
    baseUrl: string,
    private readonly timing: CallTiming,
  ) {
    this.#baseUrl = baseUrl.replace(/\/$/, "");
  }

  /** Asks in the name of a user. */
  get(path: string, userId: string, context: CallContext): Promise<Answer> {
    const headers = { "x-request-id": context.requestId, "x-user-id": userId };
    return repeat(this.service, this.timing, context, (timeoutMs) => this.#try(path, headers, timeoutMs));
  }

  async #try(path: string, headers: Record<string, string>, timeoutMs: number): Promise<Answer | NoAnswer> {
    try {
      const response = await fetch(this.#baseUrl + path, {
        headers,
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      if (transientStatuses.has(response.status)) return new NoAnswer(`status ${response.status}`);
      return { status: response.status, body: parseJson(text) };
    } catch (error) {
      return new NoAnswer(reasonOf(error as Error));
    }
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
