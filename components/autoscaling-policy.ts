import * as pulumi from "@pulumi/pulumi";
import { checkName } from "./fields";
import type { Gateway } from "./gateway";
import type { Microservice } from "./microservice";
import type { Workload } from "./platform";
import { Problems } from "./problems";
import { checkMetrics, checkRange, type ScalingMetrics, scalingSpec } from "./scaling-metrics";

export interface AutoscalingPolicyArgs<W extends Workload = Workload> extends ScalingMetrics {
  /**
   * The service or gateway to scale; its `replicas` must be a range. The minimum of a service may be 0 beside a queue or
   * schedules.
   */
  target: Microservice<W> | Gateway<W>;
}

/**
 * Moves the replicas of a microservice or a gateway within its range, by the load that it has, the queue that it works off, or the
 * time.
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
    const { serviceName, platform, workload } = args.target;
    const replicas = workload?.spec.replicas;
    checkName(problems, "name", name);
    checkMetrics(problems, "", args, replicas);
    if (workload === undefined) {
      const rule = "must not be a gateway that the platform itself runs";
      problems.add("target", rule, serviceName, "Use a gateway of Flotilla's.");
    } else {
      checkRange(problems, `target "${serviceName}": replicas`, replicas, args);
    }
    problems.throwIfAny();
    super("flotilla:index:AutoscalingPolicy", name, {}, opts);

    const { min, max } = replicas as { min: number; max: number };
    const scaling = scalingSpec(args, min, max);
    this.enforced = platform.autoscale(name, scaling, workload!, this).enforced;
    this.registerOutputs({ enforced: this.enforced });
  }
}
