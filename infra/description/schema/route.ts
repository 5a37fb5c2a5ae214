import { z } from "zod";
import { sized } from "../units";
import { authorization } from "./callers";
import { number, text } from "./terms";

const aggregate = sized({
  parts: z.record(
    text,
    z
      .strictObject({
        to: text.describe("Name of the service; it speaks http."),
        port: text.optional(),
        path: text,
      })
      .meta({ id: "AggregatePartArgs" }),
  ),
  maxSizeMiB: number.optional(),
}).meta({ id: "AggregateArgs" });
export const rateLimit = sized({
  requests: number,
  perSeconds: number.optional(),
  by: z.enum(["address", "caller", "all"]).optional(),
}).meta({ id: "RateLimitArgs" });

export const addresses = z
  .strictObject({ allow: z.array(text).optional(), deny: z.array(text).optional() })
  .meta({ id: "AddressesArgs" });

export const cors = sized({
  origins: z.array(text),
  methods: z.array(text).optional(),
  headers: z.array(text).optional(),
  exposedHeaders: z.array(text).optional(),
  credentials: z.boolean().optional(),
  maxAgeSeconds: number.optional(),
}).meta({ id: "CorsArgs" });

const split = z
  .strictObject({
    to: text.optional(),
    port: text.optional(),
    metadata: z.record(text, text).optional(),
    percent: number,
  })
  .meta({ id: "SplitArgs" });

const mirror = z
  .strictObject({ to: text, port: text.optional(), percent: number.optional() })
  .meta({ id: "MirrorArgs" });

export const route = sized({
  path: text.optional(),
  exactPath: text.optional(),
  hosts: z.array(text).optional(),
  methods: z.array(text).optional(),
  headers: z.record(text, text).optional(),
  to: text.optional().describe("Name of the service."),
  aggregate: aggregate.optional(),
  port: text.optional(),
  metadata: z.record(text, text).optional(),
  rewritePrefix: text.optional(),
  timeoutSeconds: number.optional(),
  retries: number.optional(),
  authentication: text.optional(),
  authorization: authorization.optional(),
  rateLimit: rateLimit.optional(),
  maxBodyKiB: number.optional(),
  addresses: addresses.optional(),
  cors: cors.optional(),
  split: z.array(split).optional(),
  mirror: mirror.optional(),
  tryTimeoutSeconds: number.optional(),
}).meta({ id: "RouteArgs" });
