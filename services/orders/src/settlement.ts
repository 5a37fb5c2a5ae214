import type { CallContext } from "./calls";
import type { Order, OrderStatus } from "./order";
import type { OrderStore } from "./order-store";
import type { PaymentsClient } from "./payments-client";

/**
 * Brings a pending order to its end. Any replica may do it at any time, even two at once: payments pays once for each
 * order and gives both the same answer.
 */
export class Settlement {
  constructor(
    private readonly store: OrderStore,
    private readonly payments: PaymentsClient,
  ) {}

  /** Returns what is kept: an order stays pending when Redis left meanwhile, even if it was paid. */
  async settle(order: Order, context: CallContext): Promise<OrderStatus> {
    if (order.status !== "payment_pending") return order.status;
    const status = await this.payments.pay(order, context);
    if (status === "payment_pending") return status;
    try {
      await this.store.settle(order.id, status);
      return status;
    } catch (error) {
      context.log.error(
        { orderId: order.id, status, err: error },
        "the status of the order could not be kept",
      );
      return order.status;
    }
  }
}
