import type { status } from "@grpc/grpc-js";

/** An error with a code of the protocol. */
export class StatusError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}
