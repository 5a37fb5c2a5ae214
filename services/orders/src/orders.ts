import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "./caller";
import type { CallContext } from "./calls";
import { ApiError } from "./errors";
import { type NewOrder, newOrder, type Order, totalOf } from "./order";
import type { OrderStore } from "./order-store";
import type { Settlement } from "./settlement";
import type { UsersClient } from "./users-client";
import { validate } from "./validation";

interface Dependencies {
  store: OrderStore;
  users: UsersClient;
  settlement: Settlement;
  /** For all calls to other services that one request makes, with their repetitions and pauses. */
  callBudgetMs: number;
}

const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: z.string().max(64).optional(),
});

const saneKey = /^[A-Za-z0-9._:-]{1,128}$/;

function idempotencyKey({ headers }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined || (typeof key === "string" && saneKey.test(key))) return key;
  const message = 'Idempotency-Key must be 1 to 128 letters, digits, ".", "_", ":" or "-"';
  throw new ApiError(400, "invalid_request", message, { field: "Idempotency-Key" });
}

/** The routes of the service. */
export function registerOrders(
  app: FastifyInstance,
  { store, users, settlement, callBudgetMs }: Dependencies,
): void {
  app.post("/orders", async (request, reply) => {
    const userId = callerOf(request);
    const asked = { userId, ...validate(newOrder, request.body) };
    const key = idempotencyKey(request);
    const context = { requestId: request.id, log: request.log, endsAtMs: performance.now() + callBudgetMs };

    const earlier = key === undefined ? undefined : await store.findByKey(userId, key);
    const order = earlier ?? (await place(asked, key, context));
    if (!isDeepStrictEqual(order.items, asked.items)) {
      const message = "Idempotency-Key was used before for another order. Write a new one.";
      throw new ApiError(422, "idempotency_key_reused", message, { field: "Idempotency-Key" });
    }
    // Whoever had it before may be settling it still, or may be dead: doing it too is safe, and waits for nobody.
    const status = await settlement.settle(order, context);
    request.log.info({ orderId: order.id, status }, earlier ? "order asked for again" : "order placed");
    return reply
      .status(201)
      .header("location", `/orders/${order.id}`)
      .send({ id: order.id, status, total: order.total });
  });

  app.get("/orders", async (request) => {
    const userId = callerOf(request);
    const { limit, before } = validate(page, request.query);
    // One more tells whether there are more.
    const found = await store.ofUser(userId, limit + 1, before);
    const orders = found.slice(0, limit);
    return { orders, next: found.length > limit ? orders.at(-1)!.id : undefined };
  });

  app.get<{ Params: { id: string } }>("/orders/:id", async (request) => {
    const userId = callerOf(request);
    const order = await store.find(request.params.id);
    // Another user's is answered like one that does not exist.
    if (order?.userId !== userId) throw new ApiError(404, "not_found", "There is no order with this id.");
    return order;
  });

  /** Keeps the order before it is paid: a crash in between leaves a pending order, never a payment without an order. */
  async function place(asked: NewOrder, key: string | undefined, context: CallContext): Promise<Order> {
    if (!(await users.exists(asked.userId, context))) {
      throw new ApiError(
        401,
        "unauthorized",
        "The user of this token does not exist any more. Log in again.",
      );
    }
    const order = {
      id: randomUUID(),
      ...asked,
      status: "payment_pending",
      total: totalOf(asked.items),
    } as const;
    return store.create(order, key);
  }
}
