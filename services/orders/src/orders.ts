import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "./errors";
import { newOrder, type Order, type OrderStatus, totalOf } from "./order";
import type { OrderStore } from "./order-store";
import type { PaymentsClient } from "./payments-client";
import type { UsersClient } from "./users-client";
import { validate } from "./validation";

interface Dependencies {
  store: OrderStore;
  users: UsersClient;
  payments: PaymentsClient;
  /** For all calls to other services that one request makes, with their repetitions and pauses. */
  callBudgetMs: number;
}

/** The routes of the service. */
export function registerOrders(
  app: FastifyInstance,
  { store, users, payments, callBudgetMs }: Dependencies,
): void {
  app.post("/orders", async (request, reply) => {
    const { userId, items } = validate(newOrder, request.body);
    const context = { requestId: request.id, log: request.log, endsAtMs: performance.now() + callBudgetMs };
    if (!(await users.exists(userId, context))) {
      throw new ApiError(422, "unknown_user", "userId is not the id of a user", { field: "userId" });
    }
    // Kept before it is paid: a crash in between leaves a pending order, never a payment without an order.
    const order: Order = {
      id: randomUUID(),
      userId,
      items,
      status: "payment_pending",
      total: totalOf(items),
    };
    await store.create(order);
    const status = await settle(order, await payments.pay(order, context), request);
    request.log.info({ orderId: order.id, status }, "order placed");
    return reply
      .status(201)
      .header("location", `/orders/${order.id}`)
      .send({ id: order.id, status, total: order.total });
  });

  app.get<{ Params: { id: string } }>("/orders/:id", async (request) => {
    const order = await store.find(request.params.id);
    if (order === undefined) throw new ApiError(404, "not_found", "There is no order with this id.");
    return order;
  });

  /** Keeps what the payment came to, and returns what is kept: the order exists even when Redis left meanwhile. */
  async function settle(order: Order, status: OrderStatus, request: FastifyRequest): Promise<OrderStatus> {
    if (status === order.status) return status;
    try {
      await store.setStatus(order.id, status);
      return status;
    } catch (error) {
      request.log.error(
        { orderId: order.id, status, err: error },
        "the status of the order could not be kept",
      );
      return order.status;
    }
  }
}
