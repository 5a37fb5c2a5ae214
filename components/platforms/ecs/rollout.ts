import type { ServiceArgs } from "@pulumi/aws/ecs/service";
import type { WorkloadSpec } from "../../platform";
import type { Problems } from "../../problems";

/** How new replicas take the place of old ones. */
export interface RolloutArgs {
  /**
   * `"rolling"`: a few at a time. `"blue-green"`: all new ones beside the old ones, then at once. `"canary"` and `"linear"`:
   * all new ones beside the old ones, then in steps; for gateways behind an ALB, which shift their clients' requests.
   * @default "rolling"
   */
  strategy?: "rolling" | "blue-green" | "canary" | "linear";
  /** Share of the requests that goes to the new replicas first (canary) or with each step (linear), in percent. @default 10 */
  stepPercent?: number;
  /** Minutes between the first requests and all of them (canary), or between steps (linear), 0 to 1440. @default 5 */
  stepMinutes?: number;
  /** Minutes for which old replicas stay after the last step, 0 to 1440. @default 5 */
  bakeMinutes?: number;
  /** CloudWatch alarms that end a rollout and take it back. @default [] */
  alarms?: string[];
}

type Deployment = Pick<
  ServiceArgs,
  | "deploymentConfiguration"
  | "deploymentCircuitBreaker"
  | "deploymentMinimumHealthyPercent"
  | "deploymentMaximumPercent"
  | "alarms"
>;

const STRATEGIES = { rolling: "ROLLING", "blue-green": "BLUE_GREEN", canary: "CANARY", linear: "LINEAR" };

/** What ECS is told of a workload's rollouts; one that fails is taken back. */
export function deployment(rollout: RolloutArgs, spec: WorkloadSpec): Deployment {
  const { strategy = "rolling", stepPercent = 10, stepMinutes = 5, bakeMinutes = 5, alarms = [] } = rollout;
  const recreate = spec.rollout === "recreate";
  const step = String(stepMinutes);
  return {
    deploymentConfiguration:
      recreate || strategy === "rolling"
        ? { strategy: "ROLLING" }
        : {
            strategy: STRATEGIES[strategy],
            bakeTimeInMinutes: String(bakeMinutes),
            ...(strategy === "canary"
              ? { canaryConfiguration: { canaryPercent: stepPercent, canaryBakeTimeInMinutes: step } }
              : {}),
            ...(strategy === "linear"
              ? { linearConfiguration: { stepPercent, stepBakeTimeInMinutes: step } }
              : {}),
          },
    deploymentCircuitBreaker: { enable: true, rollback: true },
    deploymentMinimumHealthyPercent: recreate ? 0 : 100,
    deploymentMaximumPercent: recreate ? 100 : 200,
    alarms: alarms.length === 0 ? undefined : { alarmNames: alarms, enable: true, rollback: true },
  };
}

export function checkRollout(problems: Problems, at: string, rollout: RolloutArgs): void {
  const { strategy, stepPercent, stepMinutes, bakeMinutes } = rollout;
  if (strategy !== undefined && !(strategy in STRATEGIES)) {
    const rule = `must be one of ${Object.keys(STRATEGIES).join(", ")}`;
    problems.add(`${at}.strategy`, rule, strategy, 'Write "rolling".');
  }
  if (stepPercent !== undefined && !(stepPercent >= 3 && stepPercent <= 100)) {
    problems.add(`${at}.stepPercent`, "must be from 3 to 100 percent", stepPercent, "Write 10.");
  }
  for (const [field, value] of Object.entries({ stepMinutes, bakeMinutes })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > 1440)) {
      problems.add(`${at}.${field}`, "must be a whole number from 0 to 1440 minutes", value, "Write 5.");
    }
  }
}
