import type { FastifyRequest } from "fastify";
import { ApiError } from "./errors";

const saneUserId = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The user for whom a request is made. The gateway says it, from the token that it checked, and lets nobody else say it:
 * it takes this header out of every request that comes to it.
 */
export function callerOf({ headers }: FastifyRequest): string {
  const id = headers["x-user-id"];
  if (typeof id === "string" && saneUserId.test(id)) return id;
  throw new ApiError(401, "unauthorized", "Log in, and send the token as Authorization: Bearer <token>.");
}
