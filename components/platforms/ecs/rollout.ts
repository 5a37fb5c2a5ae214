import type { ServiceArgs } from "@pulumi/aws/ecs/service";
import type { input } from "@pulumi/aws/types";
import type { WorkloadSpec } from "../../platform";
import type { Problems } from "../../problems";

/** How new replicas take the place of old ones. */
export interface RolloutArgs {
  /**
   * `"rolling"`: new ones beside the old ones, one after the other. The others shift requests of the load balancer, and so are
   * for gateways, while other services roll: `"blue-green"` all at once, `"canary"` a few first, `"linear"` step by step.
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

/** Whether ECS itself moves a workload's requests to its new replicas, where a load balancer sends them. */
export function shiftsTraffic({ strategy = "rolling" }: RolloutArgs, spec: WorkloadSpec): boolean {
  return strategy !== "rolling" && spec.rollout === "rolling";
}

/**
 * What ECS is told of a workload's rollouts; one that fails is taken back. `behindBalancer` tells whether a load balancer sends
 * it requests: what only agents send to is found by them as soon as it is healthy, and rolls.
 */
export function deployment(
  rollout: RolloutArgs,
  spec: WorkloadSpec,
  behindBalancer: Promise<boolean>,
): Deployment {
  const { alarms = [] } = rollout;
  const recreate = spec.rollout === "recreate";
  return {
    deploymentConfiguration: behindBalancer.then((behind) =>
      behind && shiftsTraffic(rollout, spec) ? shifting(rollout) : { strategy: "ROLLING" },
    ),
    deploymentCircuitBreaker: { enable: true, rollback: true },
    deploymentMinimumHealthyPercent: recreate ? 0 : 100,
    deploymentMaximumPercent: recreate ? 100 : 200,
    alarms: alarms.length === 0 ? undefined : { alarmNames: alarms, enable: true, rollback: true },
  };
}

type Strategy = Exclude<NonNullable<RolloutArgs["strategy"]>, "rolling">;

/** What each strategy adds to its name and its bake time. */
const STEPS: Record<
  Strategy,
  (percent: number, minutes: string) => input.ecs.ServiceDeploymentConfiguration
> = {
  "blue-green": () => ({ strategy: "BLUE_GREEN" }),
  canary: (canaryPercent, canaryBakeTimeInMinutes) => ({
    strategy: "CANARY",
    canaryConfiguration: { canaryPercent, canaryBakeTimeInMinutes },
  }),
  linear: (stepPercent, stepBakeTimeInMinutes) => ({
    strategy: "LINEAR",
    linearConfiguration: { stepPercent, stepBakeTimeInMinutes },
  }),
};

function shifting(rollout: RolloutArgs): input.ecs.ServiceDeploymentConfiguration {
  const { strategy, stepPercent = 10, stepMinutes = 5, bakeMinutes = 5 } = rollout;
  const steps = STEPS[strategy as Strategy](stepPercent, String(stepMinutes));
  return { ...steps, bakeTimeInMinutes: String(bakeMinutes) };
}

const STRATEGIES = ["rolling", "blue-green", "canary", "linear"];

export function checkRollout(problems: Problems, at: string, rollout: RolloutArgs): void {
  const { strategy, stepPercent, stepMinutes, bakeMinutes } = rollout;
  if (strategy !== undefined && !STRATEGIES.includes(strategy)) {
    const rule = `must be one of ${STRATEGIES.join(", ")}`;
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
