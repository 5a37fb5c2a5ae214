import * as pulumi from "@pulumi/pulumi";
import type { Replicas } from "../../platform";

/**
 * Who owns a workload's number of replicas: the description, or a policy. The workload comes first in a program and its
 * policy later, so the number is known only once the program has run through.
 */
export class ReplicaCount {
  /** Undefined: a policy's autoscaler owns it, and no engine may write it. */
  readonly value: pulumi.Output<number | undefined>;
  private policy: string | undefined;
  private settled = false;

  constructor(
    private readonly workload: string,
    replicas: Replicas,
  ) {
    const own = typeof replicas === "number" ? replicas : Math.max(1, replicas.min);
    const decided = new Promise<number | undefined>((resolve) => {
      setImmediate(() => {
        this.settled = true;
        resolve(this.policy === undefined ? own : undefined);
      });
    });
    this.value = pulumi.output(decided);
  }

  /** @throws RunError when another policy owns it, or when the number has already been told. */
  leaveTo(policy: string): void {
    const subject = `AutoscalingPolicy "${policy}"`;
    if (this.policy !== undefined) {
      const rule = `"${this.workload}" is already scaled by "${this.policy}"`;
      throw new pulumi.RunError(`${subject}: ${rule}. Put all metrics into one policy.`);
    }
    if (this.settled) {
      const rule = `comes too late: the number of replicas of "${this.workload}" is already decided`;
      throw new pulumi.RunError(
        `${subject}: ${rule}. Make it in the same step as its target, before any await.`,
      );
    }
    this.policy = policy;
  }
}
