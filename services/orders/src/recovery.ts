import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Order } from "./order";
import type { OrderStore } from "./order-store";
import type { Settlement } from "./settlement";

const pauseMs = 1_000;
const ordersAtOnce = 10;

/** Settles what other replicas left pending when they were killed, or when payments gave them no clear answer. */
export class Recovery {
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: OrderStore,
    private readonly settlement: Settlement,
    private readonly callBudgetMs: number,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.#running = this.#run();
  }

  /** Takes no more orders, and returns once those that were taken are done with. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const orders = await this.#take();
      await Promise.all(orders.map((order) => this.#settle(order)));
      if (orders.length < ordersAtOnce) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #take(): Promise<Order[]> {
    try {
      return await this.store.takeLeftBehind(ordersAtOnce);
    } catch {
      // The connection has logged that Redis is away, and what is pending there stays.
      return [];
    }
  }

  async #settle(order: Order): Promise<void> {
    const requestId = randomUUID();
    const log = this.log.child({ requestId });
    const endsAtMs = performance.now() + this.callBudgetMs;
    const status = await this.settlement.settle(order, { requestId, log, endsAtMs });
    log.info({ orderId: order.id, status }, "pending order taken up");
  }
}
