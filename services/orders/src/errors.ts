import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

interface ApiErrorDetails {
  /** The part of the request that is wrong, for example `items[0].quantity`. */
  field?: string;
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An answer that is not a success: `code` is for programs, `message` for people. */
export class ApiError extends Error {
  readonly field?: string;
  readonly retryAfterSeconds?: number;

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    { field, retryAfterSeconds, cause }: ApiErrorDetails = {},
  ) {
    super(message, { cause });
    this.field = field;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** How the framework's own refusals are worded. */
const refusals: Record<string, [status: number, code: string, message: string]> = {
  FST_ERR_MAX_PARAM_LENGTH: [404, "not_found", "There is nothing at this address."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, "unsupported_media_type", "Content-Type must be application/json."],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, "body_too_large", "The body must not be larger than 64 KiB."],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, "invalid_request", "The body must be a JSON object, got nothing."],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, "invalid_request", "The body must be valid JSON."],
};

function toApiError(error: FastifyError | ApiError): ApiError {
  if (error instanceof ApiError) return error;
  const refusal = refusals[error.code];
  if (refusal) return new ApiError(...refusal);
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new ApiError(status, "invalid_request", error.message);
  return new ApiError(
    500,
    "internal_error",
    "Something went wrong here; the log of this request says what.",
    {
      cause: error,
    },
  );
}

/** Answers any error in the one shape that all answers share: `{error, message, field?, requestId}`. */
export function answerError(
  error: FastifyError | ApiError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, code, message, field, retryAfterSeconds, cause } = toApiError(error);
  // Refused requests are not logged with their message: it may hold what the user typed.
  if (status >= 500) request.log.error({ error: code, err: cause }, message);
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  reply.status(status).send({ error: code, message, field, requestId: request.id });
}
