import { z } from "zod";
import { sized } from "../units";
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

export const autoscaling = sized({
  cpuPercent: number.optional(),
  memoryPercent: number.optional(),
  requestsPerSecond: number.optional(),
  queue: queue.optional(),
  schedules: z.array(schedule).optional(),
  scaleInCooldownSeconds: number.optional(),
  scaleOutCooldownSeconds: number.optional(),
}).meta({ id: "ScalingMetrics" });

/** A number, or a range for `autoscaling`. */
export function replicas(most: number, least = 0) {
  const range = z.strictObject({
    min: number.describe(`Replicas that run at least, ${least} to ${most}.`),
    max: number.describe(`Replicas that run at most, 1 to ${most}.`),
  });
  return z.union([number, range]);
}
