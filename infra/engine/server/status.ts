/** Codes of gRPC, https://grpc.io/docs/guides/status-codes/ */
export const UNKNOWN_ERROR = 2;
export const NOT_FOUND = 5;
export const UNIMPLEMENTED = 12;

/** An error with a code of the protocol. */
export class StatusError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
