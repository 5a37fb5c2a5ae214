import { z } from "zod";
import { gatewayKinds } from "../../../components/gateways";
import { sized } from "../units";
import { authentication } from "./callers";
import { addresses, cors, rateLimit, route } from "./route";
import { autoscaling, replicas } from "./scaling";
import { keysOf, number, text } from "./terms";

const limits = sized({
  maxConnections: number.optional(),
  maxHeaderKiB: number.optional(),
  maxHeaders: number.optional(),
  maxStreams: number.optional(),
  headersTimeoutSeconds: number.optional(),
  requestTimeoutSeconds: number.optional(),
  idleTimeoutSeconds: number.optional(),
}).meta({ id: "LimitsArgs" });

const securityHeaders = sized({
  strictTransportSeconds: number.optional(),
  frameOptions: z.enum(["DENY", "SAMEORIGIN"]).optional(),
  referrerPolicy: text.optional(),
  contentSecurityPolicy: text.optional(),
}).meta({ id: "SecurityHeadersArgs" });

const tls = z
  .strictObject({
    port: number.optional(),
    plainHttp: z.enum(["redirect", "serve"]).optional(),
    certificateFile: text
      .optional()
      .describe("File with the certificate and its chain, as PEM. Default: a generated one."),
    privateKeyFile: text
      .optional()
      .describe("File with its private key, as PEM; keep it out of the repository."),
    names: z.array(text).optional(),
    minimumVersion: z.enum(["1.2", "1.3"]).optional(),
  })
  .meta({ id: "TlsArgs" });

const ejection = sized({
  consecutiveErrors: number.optional(),
  ejectionSeconds: number.optional(),
  maxPercent: number.optional(),
}).meta({ id: "EjectionArgs" });

const healthCheck = sized({
  http: z.strictObject({ path: text.describe("Path to get, from `/` on.") }).optional(),
  grpc: z
    .strictObject({
      service: text
        .optional()
        .describe("Name of the gRPC service to ask about. Default: the server as a whole."),
    })
    .optional(),
  tcp: z.strictObject({}).optional(),
  intervalSeconds: number.optional(),
  timeoutSeconds: number.optional(),
  unhealthyThreshold: number.optional(),
  healthyThreshold: number.optional(),
}).meta({ id: "HealthCheckArgs" });

const upstream = sized({
  connectTimeoutSeconds: number.optional(),
  maxConnections: number.optional(),
  maxPendingRequests: number.optional(),
  maxRequests: number.optional(),
  retryBudgetPercent: number.optional(),
  ejection: ejection.optional(),
  healthCheck: healthCheck.optional(),
}).meta({ id: "UpstreamArgs" });

const tcp = sized({
  listen: number,
  to: text.describe("Name of the service."),
  port: text.optional(),
  addresses: addresses.optional(),
  maxConnections: number.optional(),
  idleTimeoutSeconds: number.optional(),
}).meta({ id: "TcpArgs" });

export const gateway = sized({
  kind: keysOf(gatewayKinds).optional(),
  routes: z.array(route),
  replicas: replicas(100, 1).optional(),
  cpuMillicores: number.optional(),
  memoryMiB: number.optional(),
  authentication: z.record(text, authentication).optional(),
  rateLimit: rateLimit.optional(),
  maxBodyKiB: number.optional(),
  addresses: addresses.optional(),
  cors: cors.optional(),
  securityHeaders: securityHeaders.optional(),
  limits: limits.optional(),
  trustedProxies: number.optional(),
  tls: tls.optional(),
  upstreams: z.record(text, upstream).optional(),
  tcp: z.array(tcp).optional(),
  autoscaling: autoscaling
    .optional()
    .describe("Metrics that move its replicas, at least one; `replicas` must then be a range."),
}).meta({ id: "GatewayArgs" });
