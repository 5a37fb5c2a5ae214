import type { input } from "@pulumi/aws/types";
import type { Problems } from "../../problems";

/** What tasks run on. */
export type CapacityArgs = "fargate" | "fargate-spot" | Ec2CapacityArgs;

/** Machines of your own, by a capacity provider that the cluster has. */
export interface Ec2CapacityArgs {
  /** Its name. */
  capacityProvider: string;
}

/** How tasks are placed. */
export interface Capacity {
  /** Undefined: a provider of the user's. */
  readonly fargate: boolean;
  /** What a task definition says that it can run on. */
  readonly compatibility: "FARGATE" | "EC2";
  readonly strategies: input.ecs.ServiceCapacityProviderStrategy[];
}

/** One task stays on ordinary Fargate, so that AWS taking Spot capacity back never takes all. */
const SPOT = [
  { capacityProvider: "FARGATE", base: 1, weight: 0 },
  { capacityProvider: "FARGATE_SPOT", base: 0, weight: 1 },
];

export function capacityOf(args: CapacityArgs): Capacity {
  if (typeof args === "object") {
    const strategies = [{ capacityProvider: args.capacityProvider, base: 0, weight: 1 }];
    return { fargate: false, compatibility: "EC2", strategies };
  }
  const strategies =
    args === "fargate"
      ? [{ capacityProvider: "FARGATE", base: 0, weight: 1 }]
      : SPOT.map((one) => ({ ...one }));
  return { fargate: true, compatibility: "FARGATE", strategies };
}

export function checkCapacity(problems: Problems, at: string, args: CapacityArgs): void {
  if (typeof args === "object") {
    if (args.capacityProvider === "" || /^(FARGATE|aws|ecs|fargate)/.test(args.capacityProvider)) {
      const rule = "must be the name of a capacity provider of your own";
      problems.add(`${at}.capacityProvider`, rule, args.capacityProvider, 'Write "fargate" for AWS\'s.');
    }
  } else if (!["fargate", "fargate-spot"].includes(args)) {
    const rule = 'must be "fargate", "fargate-spot" or { capacityProvider }';
    problems.add(at, rule, args, 'Write "fargate".');
  }
}
