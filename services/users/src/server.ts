import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type FastifyBaseLogger, type FastifyInstance, fastify } from "fastify";
import type { Logger } from "pino";
import { Drain } from "./drain";
import { ApiError, answerError } from "./errors";
import type { RedisConnection } from "./redis";

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

/** An HTTP server with all that is not about this service's own subject: request ids, logs, errors, health, drain. */
export function createServer(log: Logger, redis: RedisConnection): { app: FastifyInstance; drain: Drain } {
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    disableRequestLogging: true,
    genReqId: requestId,
    requestIdHeader: false,
    requestIdLogLabel: "requestId",
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
    // The route's pattern, not the address that was asked for: that may hold what a user typed.
    const route = request.routeOptions.url ?? "none";
    const durationMs = Math.round(reply.elapsedTime);
    request.log.info({ method: request.method, route, status: reply.statusCode, durationMs }, "request");
  });

  app.setErrorHandler(answerError);
  app.setNotFoundHandler(async (request) => {
    throw new ApiError(404, "not_found", `There is no ${request.method} at this address.`);
  });

  app.get("/healthz", { logLevel: "warn" }, async () => ({ status: "alive" }));
  app.get("/readyz", { logLevel: "silent" }, async () => {
    if (drain.draining) throw new ApiError(503, "draining", "This instance is about to stop.");
    await redis.run((client) => client.ping());
    return { status: "ready" };
  });
  return { app, drain };
}
