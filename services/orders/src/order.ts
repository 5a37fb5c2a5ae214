import { z } from "zod";
import { fromCents, toCents } from "./money";

const unitPrice = z
  .number()
  .min(0.01)
  .max(1_000_000)
  .refine((amount) => toCents(amount) !== undefined, {
    error: (issue) => `must have at most 2 decimals, got ${issue.input}`,
  });

const item = z.object({
  sku: z.string().trim().min(1).max(64),
  quantity: z.int().min(1).max(1_000),
  unitPrice,
});

/** What a client may order. */
export const newOrder = z.object({ items: z.array(item).min(1).max(100) });

export type NewOrder = z.output<typeof newOrder> & { userId: string };

/** `payment_pending`: the order is kept, and nobody knows yet that it was paid. */
export type OrderStatus = "payment_pending" | "paid" | "declined";

export interface Order extends NewOrder {
  id: string;
  status: OrderStatus;
  total: number;
}

/** The price of all items together, exact to the cent. */
export function totalOf(items: z.output<typeof item>[]): number {
  return fromCents(items.reduce((sum, { quantity, unitPrice }) => sum + quantity * toCents(unitPrice)!, 0));
}
