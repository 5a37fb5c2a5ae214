import { z } from "zod";
import { gatewayKinds } from "../components/gateways";
import { registryKinds } from "../components/registries";
import { sized } from "./description/units";
import { secretKinds } from "./secrets";

// What a field means stands once: at the class that has it, under the interface that `id` names, or else here. The JSON
// Schema and the reference take it from there.

/** Names of a table as an enumeration. */
const keysOf = <T extends object>(table: T) => z.enum(Object.keys(table) as [keyof T & string]);

const text = z.string();
const number = z.number();

const probedPort = number.optional().describe("Port to ask, 1 to 65535. Default: the first of the service.");

const probe = sized({
  http: z.strictObject({ path: text.describe("Path to get, from `/` on."), port: probedPort }).optional(),
  grpc: z
    .strictObject({
      port: probedPort,
      service: text
        .optional()
        .describe("Name of the gRPC service to ask about. Default: the server as a whole."),
    })
    .optional(),
  tcp: z.strictObject({ port: probedPort }).optional(),
  exec: z.strictObject({ command: z.array(text).describe("Program and its arguments.") }).optional(),
  intervalSeconds: number.optional(),
  timeoutSeconds: number.optional(),
  retries: number.optional(),
  startPeriodSeconds: number.optional(),
}).meta({ id: "ProbeArgs" });

const build = z
  .strictObject({
    context: text,
    dockerfile: text.optional(),
    args: z.record(text, text).optional(),
    target: text.optional(),
    platform: text.optional(),
  })
  .meta({ id: "BuildArgs" });

const hardening = z
  .strictObject({
    runAsUser: number.optional(),
    writableRootFilesystem: z.boolean().optional(),
    addCapabilities: z.array(text).optional(),
    allowPrivilegeEscalation: z.boolean().optional(),
    seccompProfile: text.optional(),
  })
  .meta({ id: "HardeningArgs" });

const file = z
  .strictObject({ content: text, mode: text.optional(), live: z.boolean().optional() })
  .meta({ id: "FileArgs" });

const volume = sized({
  path: text,
  kind: z.enum(["ephemeral", "persistent"]).optional(),
  sizeMiB: number.optional(),
  readOnly: z.boolean().optional(),
}).meta({ id: "VolumeArgs" });

const container = {
  image: text.optional(),
  build: z.union([text, build]).optional(),
  entrypoint: z.array(text).optional(),
  command: z.array(text).optional(),
  environment: z.record(text, text).optional(),
  files: z.record(text, z.union([text, file])).optional(),
  secretFiles: z
    .record(text, text)
    .optional()
    .describe(
      "Files whose content shows up in no log, process list or inspection; `{{name}}` in a content stands for the secret of that name.",
    ),
  volumes: z.record(text, volume).optional(),
  cpuMillicores: number.optional(),
  memoryMiB: number.optional(),
  ulimits: z
    .record(
      text,
      z.strictObject({
        soft: number.describe("Limit that holds."),
        hard: number.describe("Limit up to which the process may raise the soft one."),
      }),
    )
    .optional(),
  probe: probe.optional(),
  stopGraceSeconds: number.optional(),
  restart: z.enum(["always", "on-failure", "never"]).optional(),
  logRotation: sized({
    maxSizeMiB: number.optional().describe("MiB at which a file is full, 1 to 10240."),
    maxFiles: number.optional().describe("Files that are kept, 1 to 100."),
  }).optional(),
  hardening: hardening.optional(),
};

const named = { ...container, name: text };
const other = sized(named).meta({ id: "NamedContainerArgs" });
const protocol = z.enum(["http", "grpc", "tcp"]);

const queue = z
  .strictObject({
    kind: z.enum(["redis", "amqp"]),
    service: text,
    port: number.optional(),
    name: text,
    backlogPerReplica: number,
    username: text.optional(),
    password: text
      .optional()
      .describe("Password; `{{name}}` stands for the secret of that name. Default: none."),
  })
  .meta({ id: "QueueArgs" });

const schedule = z
  .strictObject({ start: text, end: text, timezone: text.optional(), min: number })
  .meta({ id: "ScheduleArgs" });

const port = z
  .strictObject({
    port: number,
    name: text.optional(),
    protocol: protocol.optional(),
    scheme: text.optional(),
  })
  .meta({ id: "PortArgs" });

const autoscaling = sized({
  cpuPercent: number.optional(),
  memoryPercent: number.optional(),
  requestsPerSecond: number.optional(),
  queue: queue.optional(),
  schedules: z.array(schedule).optional(),
  scaleInCooldownSeconds: number.optional(),
  scaleOutCooldownSeconds: number.optional(),
}).meta({ id: "ScalingMetrics" });

const range = z.strictObject({
  min: number.describe("Replicas that run at least, 0 to 1000."),
  max: number.describe("Replicas that run at most, 1 to 1000."),
});

const service = sized({
  extends: text
    .optional()
    .describe("Name of the template whose fields this one has where it says nothing else."),
  ...container,
  ports: z.array(z.union([number, port])).optional(),
  replicas: z.union([number, range]).optional(),
  calls: z
    .array(text)
    .optional()
    .describe(
      "Services that it calls, each as `name` or `name:port`: their addresses are in its and its sidecars' environment as `<NAME>_URL`. May go in circles.",
    ),
  startAfter: z.array(text).optional().describe("Services that are healthy before it starts; no circles."),
  sidecars: z
    .array(sized({ ...named, order: z.enum(["before", "after"]).optional() }).meta({ id: "SidecarArgs" }))
    .optional(),
  initContainers: z.array(other).optional(),
  tasks: z.array(other).optional(),
  metadata: z.record(text, text).optional(),
  platformCredentials: z.boolean().optional(),
  autoscaling: autoscaling
    .optional()
    .describe("Metrics that move the replicas, at least one; `replicas` must then be a range."),
}).meta({ id: "MicroserviceArgs" });

const jwks = z
  .strictObject({
    service: text.optional(),
    port: text.optional(),
    path: text.optional(),
    url: text.optional(),
    inline: text.optional(),
  })
  .meta({ id: "JwksArgs" });

const jwt = sized({
  issuer: text,
  audiences: z.array(text).optional(),
  jwks,
  cacheSeconds: number.optional(),
  clockSkewSeconds: number.optional(),
  claimHeaders: z.record(text, text).optional(),
  rolesClaim: text.optional(),
  scopeClaim: text.optional(),
}).meta({ id: "JwtArgs" });

const callerSecret = (what: string) =>
  text.describe(`${what}; \`{{name}}\` stands for the secret of that name.`);

const user = z
  .strictObject({ password: callerSecret("Password"), roles: z.array(text).optional() })
  .meta({ id: "UserArgs" });

const client = z
  .strictObject({ key: callerSecret("Key"), roles: z.array(text).optional() })
  .meta({ id: "ClientArgs" });

const external = sized({
  service: text,
  port: text.optional(),
  pathPrefix: text.optional(),
  timeoutSeconds: number.optional(),
  requestHeaders: z.array(text).optional(),
  responseHeaders: z.array(text).optional(),
  callerHeader: text.optional(),
}).meta({ id: "ExternalArgs" });

const authentication = z
  .strictObject({
    jwt: jwt.optional(),
    basic: z
      .strictObject({ users: z.record(text, user), callerHeader: text.optional() })
      .meta({ id: "BasicArgs" })
      .optional(),
    apiKey: z
      .strictObject({
        clients: z.record(text, client),
        header: text.optional(),
        callerHeader: text.optional(),
      })
      .meta({ id: "ApiKeyArgs" })
      .optional(),
    external: external.optional(),
  })
  .meta({ id: "AuthenticationArgs" });

const authorization = z
  .strictObject({
    roles: z.array(text).optional(),
    scopes: z.array(text).optional(),
    claims: z.record(text, text).optional(),
  })
  .meta({ id: "AuthorizationArgs" });

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
const rateLimit = sized({
  requests: number,
  perSeconds: number.optional(),
  by: z.enum(["address", "caller", "all"]).optional(),
}).meta({ id: "RateLimitArgs" });

const addresses = z
  .strictObject({ allow: z.array(text).optional(), deny: z.array(text).optional() })
  .meta({ id: "AddressesArgs" });

const cors = sized({
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

const route = sized({
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

const length = number
  .int()
  .min(12)
  .max(128)
  .optional()
  .describe("Letters and digits of a password, 12 to 128. Default: 32.");

const secret = z.strictObject({
  kind: keysOf(secretKinds)
    .default("password")
    .describe("`password`: letters and digits. `private-key`: one of ECDSA P-256, in PEM (PKCS #8)."),
  length,
  output: z
    .boolean()
    .default(false)
    .describe("Makes it an output of the stack, by its name: kept and shown as a secret."),
});

/** A whole architecture as data: the same for every target. */
export const architectureSchema = z.strictObject({
  name: text.describe("Name of the gateway, and of the architecture."),
  registry: z
    .strictObject({
      kind: keysOf(registryKinds).describe("Kind of the registry."),
      nodes: z
        .union([z.literal(1), z.literal(3)])
        .optional()
        .describe("Servers of the registry; 3 go on when one of them is lost. Default 1."),
    })
    .describe("Where instances register and are found."),
  secrets: z
    .record(text, secret)
    .default({})
    .describe(
      "Secrets that are generated once and stay, by name; `{{name}}` in a `secretFiles` content stands for one.",
    ),
  services: z.record(text, service).describe("The services by name."),
  templates: z
    .record(text, service)
    .optional()
    .describe(
      "What services have in common, by name; a service or another template takes it over by `extends`.",
    ),
  gateway: sized({
    kind: keysOf(gatewayKinds).optional(),
    routes: z.array(route),
    replicas: number.optional(),
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
  })
    .meta({ id: "GatewayArgs" })
    .describe("The one public door."),
});

export type Architecture = z.output<typeof architectureSchema>;
export type ArchitectureInput = z.input<typeof architectureSchema>;
export type ServiceDescription = Architecture["services"][string];

/** Gives a description its type, for editors. */
export function defineArchitecture(architecture: ArchitectureInput): ArchitectureInput {
  return architecture;
}
