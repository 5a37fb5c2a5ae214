import * as pulumi from "@pulumi/pulumi";
import { checkName, checkWhole } from "./fields";
import type { Microservice } from "./microservice";
import type { ScalingSpec, Workload } from "./platform";
import { Problems } from "./problems";

/** The metrics of a policy; at least one of them. */
export interface ScalingMetrics {
  /** Average share of the CPU limit to hold, 1 to 100 percent. @default - not looked at */
  cpuPercent?: number;
  /** Average share of the memory limit to hold, 1 to 100 percent. @default - not looked at */
  memoryPercent?: number;
  /** Requests per second and replica to hold, 1 to 1000000. @default - not looked at */
  requestsPerSecond?: number;
  /** Seconds between two steps down, 0 to 3600. @default 300 */
  scaleInCooldownSeconds?: number;
  /** Seconds between two steps up, 0 to 3600. @default 30 */
  scaleOutCooldownSeconds?: number;
}

export interface AutoscalingPolicyArgs<W extends Workload = Workload> extends ScalingMetrics {
  /** The service to scale; its `replicas` must be a range. */
  target: Microservice<W>;
}

/**
 * Moves the replicas of a microservice within its range, by the load that it has.
 *
 * @example
 * new AutoscalingPolicy("users", { target: users, cpuPercent: 60 });
 */
export class AutoscalingPolicy<W extends Workload = Workload> extends pulumi.ComponentResource {
  /** Whether something on the target really changes the number of replicas. */
  readonly enforced: boolean;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: AutoscalingPolicyArgs<W>, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`AutoscalingPolicy "${name}"`);
    const { target } = args;
    const { replicas } = target.workload.spec;
    checkName(problems, "name", name);
    checkMetrics(problems, "", args);
    if (typeof replicas === "number") {
      const fix = `Write replicas: { min: ${replicas}, max: ${Math.max(10, replicas)} } there.`;
      problems.add(`target "${target.serviceName}"`, "must have a range of replicas", replicas, fix);
    }
    problems.throwIfAny();
    super("flotilla:index:AutoscalingPolicy", name, {}, opts);

    const { min, max } = replicas as { min: number; max: number };
    this.enforced = target.platform.autoscale(
      name,
      scalingSpec(args, min, max),
      target.workload,
      this,
    ).enforced;
    this.registerOutputs({ enforced: this.enforced });
  }
}

const METRICS = ["cpuPercent", "memoryPercent", "requestsPerSecond"] as const;

/** Records everything that is wrong with a policy's metrics. */
export function checkMetrics(problems: Problems, path: string, metrics: ScalingMetrics): void {
  const at = (field: string): string => (path === "" ? field : `${path}.${field}`);
  if (METRICS.every((metric) => metrics[metric] === undefined)) {
    const rule = "or memoryPercent or requestsPerSecond must be given";
    problems.add(at("cpuPercent"), rule, undefined, "Write cpuPercent: 60.");
  }
  checkWhole(problems, at("cpuPercent"), metrics.cpuPercent, { min: 1, max: 100, unit: "percent" });
  checkWhole(problems, at("memoryPercent"), metrics.memoryPercent, { min: 1, max: 100, unit: "percent" });
  checkWhole(problems, at("requestsPerSecond"), metrics.requestsPerSecond, {
    min: 1,
    max: 1000000,
    unit: "",
  });
  const cooldown = { min: 0, max: 3600, unit: "seconds" };
  checkWhole(problems, at("scaleInCooldownSeconds"), metrics.scaleInCooldownSeconds, cooldown);
  checkWhole(problems, at("scaleOutCooldownSeconds"), metrics.scaleOutCooldownSeconds, cooldown);
}

function scalingSpec(metrics: ScalingMetrics, min: number, max: number): ScalingSpec {
  return {
    min,
    max,
    cpuPercent: metrics.cpuPercent,
    memoryPercent: metrics.memoryPercent,
    requestsPerSecond: metrics.requestsPerSecond,
    scaleInCooldownSeconds: metrics.scaleInCooldownSeconds ?? 300,
    scaleOutCooldownSeconds: metrics.scaleOutCooldownSeconds ?? 30,
  };
}
