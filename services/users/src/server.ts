import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { Drain } from "./drain";
import { ApiError, answerError } from "./errors";

const bodyLimitBytes = 64 * 1024;
/** A client that sends slower than this is cut off, so that it cannot hold a connection for ever. */
const requestTimeoutMs = 10_000;
/** Long, so that callers close idle connections first: when we do, a request may be on its way. */
const keepAliveTimeoutMs = 75_000;
const saneRequestId = /^[A-Za-z0-9._-]{1,128}$/;

function requestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && saneRequestId.test(given) ? given : randomUUID();
}

/** What a request was about: the route's pattern, as the address itself may hold what a user typed. */
function subject(request: FastifyRequest): { method: string; route: string } {
  return { method: request.method, route: request.routeOptions.url ?? "none" };
}

/**
 * An HTTP server with all that is not about this service's own subject: request ids, logs, errors, health, drain.
 * `requireReady` throws the answer for the caller when the service cannot serve.
 */
export function createServer(
  log: Logger,
  requireReady: () => Promise<unknown>,
): { app: FastifyInstance; drain: Drain } {
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: requestId,
    requestIdHeader: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    frameworkErrors: (error, request, reply) => {
      reply.header("x-request-id", request.id);
      answerError(error, request, reply);
    },
  });
  app.removeContentTypeParser("text/plain");
  const drain = new Drain(app.server);

  app.addHook("onSend", async (request, reply) => {
    reply.header("x-request-id", request.id);
    if (drain.draining) reply.header("connection", "close");
  });
  app.addHook("onResponse", async (request, reply) => {
    const durationMs = Math.round(reply.elapsedTime);
    request.log.info({ ...subject(request), status: reply.statusCode, durationMs }, "request");
  });
  app.addHook("onRequestAbort", async (request) => {
    request.log.info(subject(request), "the client went away before its answer");
  });

  app.setErrorHandler(answerError);
  app.setNotFoundHandler(async (request) => {
    throw new ApiError(404, "not_found", `There is no ${request.method} at this address.`);
  });

  app.get("/healthz", { logLevel: "warn" }, async () => ({ status: "alive" }));
  app.get("/readyz", { logLevel: "silent" }, async () => {
    if (drain.draining) throw new ApiError(503, "draining", "This instance is about to stop.");
    await requireReady();
    return { status: "ready" };
  });
  return { app, drain };
}
