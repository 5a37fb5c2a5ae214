import { z } from "zod";
import { sized } from "../units";
import { container, namedContainer, sidecar } from "./container";
import { number, text } from "./terms";

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
    protocol: z.enum(["http", "grpc", "tcp"]).optional(),
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

export const service = sized({
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
  sidecars: z.array(sidecar).optional(),
  initContainers: z.array(namedContainer).optional(),
  tasks: z.array(namedContainer).optional(),
  metadata: z.record(text, text).optional(),
  platformCredentials: z.boolean().optional(),
  autoscaling: autoscaling
    .optional()
    .describe("Metrics that move the replicas, at least one; `replicas` must then be a range."),
}).meta({ id: "MicroserviceArgs" });
