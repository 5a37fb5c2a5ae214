/** Requests as a user of the shop makes them. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export async function request(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...more },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : JSON.parse(text), headers: answer.headers };
}

/** A user nobody has made before. */
export function newUser() {
  return { name: "Ada", email: `ada-${randomUUID()}@example.com`, password: "correct horse battery" };
}

/** Somebody who logged in at the shop. */
export class Customer {
  private constructor(
    private readonly url: string,
    readonly headers: { authorization: string },
  ) {}

  /** Logs in as soon as it can be done. */
  static async logIn(url: string, email: string, password: string): Promise<Customer> {
    const answer = await request(url, "POST", "/login", { email, password });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return new Customer(url, { authorization: `Bearer ${answer.body.token}` });
  }

  /** A user nobody has made before. */
  static async register(url: string): Promise<Customer> {
    const user = newUser();
    const made = await request(url, "POST", "/users", user);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return Customer.logIn(url, user.email, user.password);
  }

  get(path: string): Promise<Answer> {
    return request(this.url, "GET", path, undefined, this.headers);
  }

  order(items: unknown): Promise<Answer> {
    return request(this.url, "POST", "/orders", { items }, this.headers);
  }
}

/** What a steady light load saw, from its start to its end. */
export interface LoadResult {
  requests: number;
  failures: string[];
}

/** Sends requests at a steady rate until told to stop, never more than `most`. */
export class SteadyLoad {
  private stopped = false;
  private readonly result: LoadResult = { requests: 0, failures: [] };
  private readonly done: Promise<void>;

  constructor(
    send: () => Promise<Answer>,
    expected: number,
    { perSecond, most }: { perSecond: number; most: number },
  ) {
    this.done = this.run(send, expected, 1000 / perSecond, most);
  }

  /** Waits until the most have been sent. */
  async finish(): Promise<LoadResult> {
    await this.done;
    return this.result;
  }

  async stop(): Promise<LoadResult> {
    this.stopped = true;
    await this.done;
    return this.result;
  }

  private async run(
    send: () => Promise<Answer>,
    expected: number,
    pauseMs: number,
    most: number,
  ): Promise<void> {
    const inFlight: Promise<void>[] = [];
    while (!this.stopped && this.result.requests < most) {
      this.result.requests += 1;
      inFlight.push(this.one(send, expected));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await Promise.all(inFlight);
  }

  private async one(send: () => Promise<Answer>, expected: number): Promise<void> {
    try {
      const { status, body } = await send();
      if (status !== expected) {
        this.result.failures.push(`${new Date().toISOString()} ${status} ${JSON.stringify(body)}`);
      }
    } catch (error) {
      this.result.failures.push(`${new Date().toISOString()} ${error} ${(error as Error).cause ?? ""}`);
    }
  }
}

/** How often `until` asks after its time: a machine that stood still was no help to those that are waited for. */
const LATE_QUESTIONS = 8;

/** Asks again until the answer satisfies, for at most `seconds`. */
export async function until<T>(
  seconds: number,
  ask: () => Promise<T>,
  satisfies: (value: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let late = 0; ; ) {
    const value = await ask();
    if (satisfies(value)) {
      return value;
    }
    late += Date.now() > deadline ? 1 : 0;
    if (late > LATE_QUESTIONS) {
      throw new Error(`not so within ${seconds} s; last seen: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
