/** What moves the replicas of a service: what users write, its checks, and the form with every default filled in. */
import type * as pulumi from "@pulumi/pulumi";
import { checkName, checkPort, checkWhole } from "./fields";
import type { QueueSpec, Replicas, ScalingSpec, ScheduleSpec } from "./platform";
import type { Problems } from "./problems";
import { checkSchedule } from "./schedule";

/** A queue whose length moves the replicas of the service that works it off. */
export interface QueueArgs {
  /** `redis`: a Redis list. `amqp`: a queue in the virtual host "/" of a RabbitMQ. */
  kind: "redis" | "amqp";
  /** Name of the microservice that holds the queue; the target's autoscaler may connect to it. */
  service: string;
  /** Port on which that service speaks redis or amqp. @default 6379 for redis, 5672 for amqp */
  port?: number;
  /** Key of the list, or name of the queue. */
  name: string;
  /** Waiting messages for each replica to hold, 1 to 1000000. */
  backlogPerReplica: number;
  /** Needs a password. @default - the broker's default user */
  username?: string;
  /** @default - none */
  password?: pulumi.Input<string>;
}

/** A time that comes again and again, with more replicas: office hours, or the hour of the batch. */
export interface ScheduleArgs {
  /** When it begins: minute, hour, day of month, month, day of week (0 is Sunday), e.g. `"0 8 * * 1-5"`. */
  start: string;
  /** When it ends, likewise. */
  end: string;
  /** IANA name, e.g. `"Europe/Zurich"`. @default "UTC" */
  timezone?: string;
  /** Replicas that run at least in this time, 1 to the range's maximum. */
  min: number;
}

/** The metrics of a policy, at least one of them; the one that asks for most replicas wins. */
export interface ScalingMetrics {
  /** Average share of the CPU limit to hold, 1 to 100 percent. @default - not looked at */
  cpuPercent?: number;
  /** Average share of the memory limit to hold, 1 to 100 percent. @default - not looked at */
  memoryPercent?: number;
  /** Requests per second and replica to hold, 1 to 1000000. @default - not looked at */
  requestsPerSecond?: number;
  /** Queue to work off. @default - not looked at */
  queue?: QueueArgs;
  /** Times with more replicas. @default [] */
  schedules?: ScheduleArgs[];
  /** Seconds between two steps down, 0 to 3600. @default 300 */
  scaleInCooldownSeconds?: number;
  /** Seconds between two steps up, 0 to 3600. @default 30 */
  scaleOutCooldownSeconds?: number;
}

const METRICS = ["cpuPercent", "memoryPercent", "requestsPerSecond", "queue"] as const;
const QUEUE_PORTS = { redis: 6379, amqp: 5672 };
const MOST_REPLICAS = 1000;

/** Records everything that is wrong with the metrics of a policy, `replicas` being those of the service. */
export function checkMetrics(
  problems: Problems,
  path: string,
  metrics: ScalingMetrics,
  replicas: Replicas | undefined,
): void {
  const at = (field: string): string => (path === "" ? field : `${path}.${field}`);
  const { queue, schedules = [] } = metrics;
  if (METRICS.every((metric) => metrics[metric] === undefined) && schedules.length === 0) {
    problems.add([...METRICS, "schedules"].map(at), "must be given", undefined, "Write cpuPercent: 60.");
  }
  checkWhole(problems, at("cpuPercent"), metrics.cpuPercent, { min: 1, max: 100, unit: "percent" });
  checkWhole(problems, at("memoryPercent"), metrics.memoryPercent, { min: 1, max: 100, unit: "percent" });
  const rate = { min: 1, max: 1000000, unit: "" };
  checkWhole(problems, at("requestsPerSecond"), metrics.requestsPerSecond, rate);
  if (queue !== undefined) {
    checkQueue(problems, at("queue"), queue);
  }
  const most = typeof replicas === "object" ? replicas.max : MOST_REPLICAS;
  schedules.forEach((schedule, index) => {
    checkSchedule(problems, at(`schedules[${index}]`), schedule, most);
  });
  const cooldown = { min: 0, max: 3600, unit: "seconds" };
  checkWhole(problems, at("scaleInCooldownSeconds"), metrics.scaleInCooldownSeconds, cooldown);
  checkWhole(problems, at("scaleOutCooldownSeconds"), metrics.scaleOutCooldownSeconds, cooldown);
}

/** Records it when a policy's service has no range, or one whose minimum nothing could ever leave. */
export function checkRange(
  problems: Problems,
  path: string,
  replicas: Replicas | undefined,
  { queue, schedules = [] }: ScalingMetrics,
): void {
  if (typeof replicas !== "object") {
    const least = replicas ?? 1;
    const fix = `Write replicas: { min: ${least}, max: ${Math.max(10, least)} }.`;
    problems.add(path, "must be a range beside autoscaling", replicas, fix);
  } else if (replicas.min === 0 && queue === undefined && schedules.length === 0) {
    const rule = "must not be 0 without a queue or schedules, as nothing else starts the first replica";
    problems.add(`${path}.min`, rule, 0, "Write 1.");
  }
}

function checkQueue(problems: Problems, at: string, queue: QueueArgs): void {
  const { kind, service, port, name, username, password } = queue;
  if (!Object.hasOwn(QUEUE_PORTS, kind)) {
    problems.add(`${at}.kind`, "must be one of redis, amqp", kind, 'Write "redis".');
  }
  checkName(problems, `${at}.service`, service);
  if (port !== undefined) {
    checkPort(problems, `${at}.port`, port);
  }
  if (name === "") {
    problems.add(`${at}.name`, "must not be empty", name, 'Write the name of the queue, e.g. "orders".');
  }
  const backlog = { min: 1, max: 1000000, unit: "messages" };
  checkWhole(problems, `${at}.backlogPerReplica`, queue.backlogPerReplica, backlog);
  if (username !== undefined && password === undefined) {
    problems.add(
      `${at}.password`,
      "must be given beside username",
      undefined,
      "Give it, or take username out.",
    );
  } else if (kind === "amqp" && username === undefined && password !== undefined) {
    // The value is a secret: it is not shown.
    problems.add(`${at}.username`, "must be given beside password", undefined, 'Write username: "flotilla".');
  }
}

/** The metrics with every default filled in. */
export function scalingSpec(metrics: ScalingMetrics, min: number, max: number): ScalingSpec {
  const { queue, schedules = [] } = metrics;
  return {
    min,
    max,
    cpuPercent: metrics.cpuPercent,
    memoryPercent: metrics.memoryPercent,
    requestsPerSecond: metrics.requestsPerSecond,
    queue: queue === undefined ? undefined : queueSpec(queue),
    schedules: schedules.map((schedule): ScheduleSpec => ({ timezone: "UTC", ...schedule })),
    scaleInCooldownSeconds: metrics.scaleInCooldownSeconds ?? 300,
    scaleOutCooldownSeconds: metrics.scaleOutCooldownSeconds ?? 30,
  };
}

/** A queue with its port filled in. */
export function queueSpec(queue: QueueArgs): QueueSpec {
  return { ...queue, port: queue.port ?? QUEUE_PORTS[queue.kind] };
}
