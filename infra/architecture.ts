import { z } from "zod";
import { gatewayKinds } from "../components/gateways";
import { Problems } from "../components/problems";
import { registryKinds } from "../components/registries";
import { checkArchitecture } from "./check-architecture";

/** Names of a table as an enumeration. */
const keysOf = <T extends object>(table: T) => z.enum(Object.keys(table) as [keyof T & string]);

const text = z.string();
const number = z.number();

const probe = z.strictObject({
  http: z.strictObject({ path: text, port: number.optional() }).optional(),
  grpc: z.strictObject({ port: number.optional(), service: text.optional() }).optional(),
  tcp: z.strictObject({ port: number.optional() }).optional(),
  exec: z.strictObject({ command: z.array(text) }).optional(),
  intervalSeconds: number.optional(),
  timeoutSeconds: number.optional(),
  retries: number.optional(),
  startPeriodSeconds: number.optional(),
});

const build = z.strictObject({
  context: text,
  dockerfile: text.optional(),
  args: z.record(text, text).optional(),
  target: text.optional(),
  platform: text.optional(),
});

const hardening = z.strictObject({
  runAsUser: number.optional(),
  writableRootFilesystem: z.boolean().optional(),
  addCapabilities: z.array(text).optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  seccompProfile: text.optional(),
});

const container = z.strictObject({
  image: text.optional(),
  build: z.union([text, build]).optional(),
  entrypoint: z.array(text).optional(),
  command: z.array(text).optional(),
  environment: z.record(text, text).optional(),
  files: z
    .record(
      text,
      z.union([text, z.strictObject({ content: text, mode: text.optional(), live: z.boolean().optional() })]),
    )
    .optional(),
  /** `{{name}}` in a content stands for the secret of that name. */
  secretFiles: z.record(text, text).optional(),
  volumes: z
    .record(
      text,
      z.strictObject({
        path: text,
        kind: z.enum(["ephemeral", "persistent"]).optional(),
        sizeMiB: number.optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .optional(),
  cpuMillicores: number.optional(),
  memoryMiB: number.optional(),
  ulimits: z.record(text, z.strictObject({ soft: number, hard: number })).optional(),
  probe: probe.optional(),
  stopGraceSeconds: number.optional(),
  restart: z.enum(["always", "on-failure", "never"]).optional(),
  logRotation: z.strictObject({ maxSizeMiB: number, maxFiles: number }).optional(),
  hardening: hardening.optional(),
});

const named = container.extend({ name: text });
const protocol = z.enum(["http", "grpc", "tcp"]);

const queue = z.strictObject({
  kind: z.enum(["redis", "amqp"]),
  /** Name of a service. */
  service: text,
  port: number.optional(),
  name: text,
  backlogPerReplica: number,
  username: text.optional(),
  /** `{{name}}` stands for the secret of that name. */
  password: text.optional(),
});

const schedule = z.strictObject({ start: text, end: text, timezone: text.optional(), min: number });

const service = container.extend({
  ports: z
    .array(
      z.strictObject({
        port: number,
        name: text.optional(),
        protocol: protocol.optional(),
        scheme: text.optional(),
      }),
    )
    .optional(),
  replicas: z.union([number, z.strictObject({ min: number, max: number })]).optional(),
  /** Names of services, or `name:port` for a further port. */
  calls: z.array(text).optional(),
  /** Names of services that are healthy before this one starts. */
  startAfter: z.array(text).optional(),
  sidecars: z.array(named.extend({ order: z.enum(["before", "after"]).optional() })).optional(),
  initContainers: z.array(named).optional(),
  tasks: z.array(named).optional(),
  metadata: z.record(text, text).optional(),
  /** Metrics that move the replicas; `replicas` must then be a range. */
  autoscaling: z
    .strictObject({
      cpuPercent: number.optional(),
      memoryPercent: number.optional(),
      requestsPerSecond: number.optional(),
      queue: queue.optional(),
      schedules: z.array(schedule).optional(),
      scaleInCooldownSeconds: number.optional(),
      scaleOutCooldownSeconds: number.optional(),
    })
    .optional(),
});

const route = z.strictObject({
  path: text.optional(),
  exactPath: text.optional(),
  hosts: z.array(text).optional(),
  methods: z.array(text).optional(),
  headers: z.record(text, text).optional(),
  /** Name of a service. */
  to: text,
  port: text.optional(),
  rewritePrefix: text.optional(),
  timeoutSeconds: number.optional(),
  retries: number.optional(),
});

/** A whole architecture as data: the same for every target. */
export const architectureSchema = z.strictObject({
  name: text,
  registry: z.strictObject({ kind: keysOf(registryKinds) }),
  /** Secrets that are generated once and stay; a content refers to one as `{{name}}`. */
  secrets: z.record(text, z.strictObject({ length: number.int().min(12).max(128).default(32) })).default({}),
  services: z.record(text, service),
  gateway: z.strictObject({
    kind: keysOf(gatewayKinds).optional(),
    routes: z.array(route),
    replicas: number.optional(),
    cpuMillicores: number.optional(),
    memoryMiB: number.optional(),
  }),
});

export type Architecture = z.output<typeof architectureSchema>;
export type ArchitectureInput = z.input<typeof architectureSchema>;
export type ServiceDescription = Architecture["services"][string];

/** Gives a description its type, for editors. */
export function defineArchitecture(architecture: ArchitectureInput): ArchitectureInput {
  return architecture;
}

/**
 * Reads a description, `source` being the file it stands in.
 *
 * @throws RunError with every problem of the whole description, each with its path and fix.
 */
export function parseArchitecture(input: unknown, source: string): Architecture {
  const problems = new Problems(source);
  const parsed = architectureSchema.safeParse(input);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const got = issue.path.reduce<unknown>(
        (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
        input,
      );
      problems.add(
        pathText(issue.path) || "the description",
        `is not valid (${issue.message})`,
        got,
        "Correct it.",
      );
    }
    problems.throwIfAny();
  }
  const architecture = parsed.data!;
  checkArchitecture(problems, architecture);
  problems.throwIfAny();
  return architecture;
}

function pathText(path: PropertyKey[]): string {
  return path.reduce<string>((done, key) => {
    return typeof key === "number" ? `${done}[${key}]` : `${done}${done === "" ? "" : "."}${String(key)}`;
  }, "");
}
