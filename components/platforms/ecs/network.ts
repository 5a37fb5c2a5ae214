import type * as pulumi from "@pulumi/pulumi";
import type { Problems } from "../../problems";
import { EGRESS, type Egress } from "./egress";

/** Where the tasks run. */
export type NetworkArgs = OwnNetworkArgs | ExistingNetworkArgs;

/** A VPC that is made for this platform, with a private and a public subnet in each zone. */
export interface OwnNetworkArgs {
  /** Address range of the VPC, a /16 to a /24. @default "10.0.0.0/16" */
  cidr?: string;
  /** Availability zones, 2 to 4. @default 2 */
  zones?: number;
  /**
   * How tasks, which have no public address, reach AWS and the internet; prices are those of us-east-1 without traffic.
   * `"nat-gateway"`: one for all zones, about 33 USD a month, and 0.045 USD a GB; when its zone fails, the others have no
   * way out. `"nat-gateway-per-zone"`: about 33 USD a month for each zone. `"vpc-endpoints"`: only AWS is reached, the
   * internet is not; about 7.30 USD a month for each of 5 endpoints in each zone (73 USD for 2 zones), and 0.01 USD a GB.
   * @default "nat-gateway"
   */
  egress?: Egress;
}

/** A VPC that exists. Its private subnets must reach ECR, S3, CloudWatch Logs and the store of secrets. */
export interface ExistingNetworkArgs {
  /** E.g. `"vpc-0a1b2c3d"`. */
  vpcId: pulumi.Input<string>;
  /** Of the tasks and file systems, in two zones at least. */
  privateSubnetIds: pulumi.Input<string>[];
  /** Of the load balancer, in two zones at least. */
  publicSubnetIds: pulumi.Input<string>[];
}

/** A VPC, ready to run tasks. */
export interface Network {
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly publicSubnetIds: pulumi.Output<string>[];
  /** What must be there before a task starts: its way to AWS. */
  readonly ready: pulumi.Resource[];
}

export function isExisting(args: NetworkArgs): args is ExistingNetworkArgs {
  return "vpcId" in args;
}

/** Records everything that is wrong with where tasks shall run. */
export function checkNetwork(problems: Problems, at: string, args: NetworkArgs): void {
  if (isExisting(args)) {
    for (const list of ["privateSubnetIds", "publicSubnetIds"] as const) {
      if ((args[list]?.length ?? 0) < 2) {
        problems.add(
          `${at}.${list}`,
          "must name subnets in two zones at least",
          args[list],
          "Add another one.",
        );
      }
    }
    return;
  }
  const { cidr, zones, egress } = args;
  const size = /^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2[0-4])$/;
  if (
    cidr !== undefined &&
    (!size.test(cidr) ||
      cidr
        .split(/[./]/)
        .slice(0, 4)
        .some((part) => Number(part) > 255))
  ) {
    problems.add(`${at}.cidr`, "must be a range of addresses from /16 to /24", cidr, 'Write "10.0.0.0/16".');
  }
  if (zones !== undefined && ![2, 3, 4].includes(zones)) {
    problems.add(`${at}.zones`, "must be 2, 3 or 4", zones, "Write 2.");
  }
  if (egress !== undefined && !EGRESS.includes(egress)) {
    problems.add(`${at}.egress`, `must be one of ${EGRESS.join(", ")}`, egress, `Write "${EGRESS[0]}".`);
  }
}
