import { checkName } from "../../fields";
import type { ImageName } from "../../images";
import { Problems } from "../../problems";
import { type CapacityArgs, checkCapacity } from "./capacity";
import { type ContainerInsights, isClusterArn } from "./cluster";
import { checkExpose, type ExposeArgs } from "./expose";
import type { Architecture } from "./host";
import { checkNetwork, type NetworkArgs } from "./network";
import { checkRollout, type RolloutArgs } from "./rollout";
import { SECRET_STORES, type SecretStoreName } from "./secret-store";

export interface EcsPlatformArgs {
  /** AWS region, e.g. `"eu-central-1"`; never the machine's own by accident. */
  region: string;
  /** Where the tasks run. @default - a VPC of its own with two zones and one NAT gateway */
  network?: NetworkArgs;
  /** ARN of a cluster that exists. @default - one of its own */
  clusterArn?: string;
  /** What CloudWatch measures of every task, at its price; for a cluster of its own. @default "disabled" */
  containerInsights?: ContainerInsights;
  /**
   * What tasks run on: `"fargate-spot"` costs about 70 % less, and AWS may take it back within two minutes (one task of each
   * service stays on ordinary capacity). @default "fargate"
   */
  capacity?: CapacityArgs;
  /** Processor of the tasks, for which images are built; `"arm64"` costs about 20 % less. @default "x86_64" */
  architecture?: Architecture;
  /** How clients reach gateways. @default "alb" */
  expose?: ExposeArgs;
  /** How new replicas take the place of old ones. @default - rolling */
  rollout?: RolloutArgs;
  /**
   * Where secret files are kept: a secret for each workload at about 0.40 USD a month, or parameters of Systems Manager, which
   * cost nothing up to 4 KiB each and hold 8 KiB at most. @default "secrets-manager"
   */
  secretStore?: SecretStoreName;
  /** ARN of a KMS key that encrypts logs, images, secrets, files and volumes. @default - AWS's own keys */
  kmsKeyArn?: string;
  /**
   * ID of the file system that a stack of this name left behind: it is taken over with its data, and becomes part of this one.
   * `keptFileSystem` finds it. @default - a new one
   */
  fileSystemId?: string;
  /** Days for which output is kept, one of those that CloudWatch knows. @default 30 */
  logRetentionDays?: number;
  /**
   * Makes every port reachable at `<name>:<port>` through ECS's own proxy, for programs that have no agent; takes a proxy of
   * about 256 CPU units and 64 MiB in each task. @default false
   */
  serviceConnect?: boolean;
  /**
   * Scales by CPU and memory of each 20 seconds instead of each minute, about three times as fast, which AWS bills as detailed
   * monitoring. Where AWS refuses, a warning says so, and each minute it is. @default true
   */
  highResolutionMetrics?: boolean;
  /** Load balancers, full image repositories and secrets withstand a `destroy`. @default false */
  deletionProtection?: boolean;
  /** On everything that takes tags. @default {} */
  tags?: Record<string, string>;
  /** References of catalogued images other than the catalogue's own. @default {} */
  references?: Partial<Record<ImageName, string>>;
}

/** What CloudWatch Logs takes. */
const RETENTION_DAYS = [
  ...[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ],
];

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const KMS_KEY = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** @throws RunError with every problem of the arguments. */
export function checkPlatform(name: string, args: EcsPlatformArgs): void {
  const problems = new Problems(`EcsPlatform "${name}"`);
  const { region, network, clusterArn, capacity, kmsKeyArn, logRetentionDays, secretStore } = args;
  checkName(problems, "name", name);
  if (!REGION.test(region ?? "")) {
    problems.add("region", "must be a region of AWS", region, 'Write "eu-central-1".');
  }
  if (network !== undefined) {
    checkNetwork(problems, "network", network);
  }
  if (clusterArn !== undefined && !isClusterArn(clusterArn)) {
    const fix = `Write one like "arn:aws:ecs:${region}:111122223333:cluster/shop".`;
    problems.add("clusterArn", "must be the ARN of a cluster", clusterArn, fix);
  }
  if (capacity !== undefined) {
    checkCapacity(problems, "capacity", capacity);
  }
  if (args.expose !== undefined) {
    checkExpose(problems, "expose", args.expose, region);
  }
  if (args.rollout !== undefined) {
    checkRollout(problems, "rollout", args.rollout);
  }
  if (secretStore !== undefined && !(secretStore in SECRET_STORES)) {
    const rule = `must be one of ${Object.keys(SECRET_STORES).join(", ")}`;
    problems.add("secretStore", rule, secretStore, 'Write "secrets-manager".');
  }
  if (kmsKeyArn !== undefined && !KMS_KEY.test(kmsKeyArn)) {
    const fix = `Write one like "arn:aws:kms:${region}:111122223333:key/…".`;
    problems.add("kmsKeyArn", "must be the ARN of a key", kmsKeyArn, fix);
  }
  if (logRetentionDays !== undefined && !RETENTION_DAYS.includes(logRetentionDays)) {
    const nearest = RETENTION_DAYS.find((days) => days >= logRetentionDays) ?? RETENTION_DAYS.at(-1);
    const rule = `must be one of ${RETENTION_DAYS.join(", ")} days`;
    problems.add("logRetentionDays", rule, logRetentionDays, `Write ${nearest}.`);
  }
  for (const key of Object.keys(args.tags ?? {})) {
    if (/^(aws|flotilla):/i.test(key) || key === "Name" || key.length > 128) {
      problems.add(
        `tags[${JSON.stringify(key)}]`,
        "is kept for AWS or Flotilla",
        key,
        "Give it another name.",
      );
    }
  }
  problems.throwIfAny();
}
