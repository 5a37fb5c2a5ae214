import { z } from "zod";
import type { Order, OrderStatus } from "./order";
import type { CallContext, ServiceClient } from "./service-client";

const payment = z.object({ status: z.enum(["paid", "declined"]) });

/** What orders asks of the payments service. */
export class PaymentsClient {
  constructor(private readonly client: ServiceClient) {}

  /** Pays once, however often it is asked: the order's id is the key. Without a clear answer the payment is pending. */
  async pay({ id, total }: Order, context: CallContext): Promise<OrderStatus> {
    try {
      const { status, body } = await this.client.post(
        "/payments",
        { orderId: id, amount: total },
        id,
        context,
      );
      const answer = payment.safeParse(body);
      if (status === 201 && answer.success) return answer.data.status;
      context.log.error({ orderId: id, status }, "payments answered what it should not");
    } catch (error) {
      context.log.error({ orderId: id, err: error }, "payments does not answer");
    }
    return "payment_pending";
  }
}
