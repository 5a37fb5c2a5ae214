/** Buyers who order one thing after the other, each with a key of its own, and try again until they are told. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Customer, until } from "./client";

const PATIENCE_SECONDS = 60;

export class Buyers {
  /** Ids of the orders that were answered, one for each key. */
  readonly orders: string[] = [];
  /** Requests that were sent for them. */
  tries = 0;
  private stopped = false;
  private readonly done: Promise<unknown>;

  constructor(
    private readonly url: string,
    private readonly customer: Customer,
    count: number,
  ) {
    this.done = Promise.all(Array.from({ length: count }, () => this.buy()));
    // It is awaited in stop(), and may fail before.
    this.done.catch(() => undefined);
  }

  /** Returns once as many more orders were answered. */
  async more(count: number): Promise<void> {
    const enough = this.orders.length + count;
    const answered = async () => this.orders.length;
    await Promise.race([until(PATIENCE_SECONDS, answered, (length) => length >= enough), this.done]);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async buy(): Promise<void> {
    while (!this.stopped) {
      const key = randomUUID();
      const id = await until(
        PATIENCE_SECONDS,
        () => this.order(key),
        (answer) => answer !== undefined,
      );
      // The same key once more, as a client does that lost the answer.
      assert.equal((await this.order(key)) ?? id, id);
      this.orders.push(String(id));
    }
  }

  /** The order's id; undefined when the client cannot know whether there is one. */
  private async order(key: string): Promise<string | undefined> {
    this.tries += 1;
    const body = JSON.stringify({ items: [{ sku: "tea", quantity: 1, unitPrice: 2.5 }] });
    const headers = { "content-type": "application/json", "idempotency-key": key, ...this.customer.headers };
    try {
      const signal = AbortSignal.timeout(20_000);
      const answer = await fetch(`${this.url}/orders`, { method: "POST", headers, body, signal });
      const { id } = (await answer.json()) as { id?: string };
      assert.ok(answer.status === 201 || answer.status >= 500, `status ${answer.status}`);
      return id;
    } catch (error) {
      if (error instanceof assert.AssertionError) {
        throw error;
      }
      return undefined;
    }
  }
}
