/** What `flotilla:settings` of an ECS stack may say. */
import { z } from "zod";
import { architectureSchema } from "./architecture";

const network = z.union([
  z.strictObject({
    cidr: z.string().optional(),
    zones: z.int().min(2).max(4).optional(),
    egress: z.enum(["nat-gateway", "nat-gateway-per-zone", "vpc-endpoints"]).optional(),
  }),
  z.strictObject({
    vpcId: z.string().min(1),
    privateSubnetIds: z.array(z.string().min(1)).min(2),
    publicSubnetIds: z.array(z.string().min(1)).min(2),
  }),
]);

const balancer = {
  certificateArn: z.string().optional(),
  internal: z.boolean().optional(),
  allowFrom: z.array(z.string()).optional(),
};

/** A name alone takes every default; `EcsPlatformArgs.expose` tells what the details mean. */
const expose = z.union([
  z.enum(["alb", "nlb"]),
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("alb"),
      ...balancer,
      accessLogs: z.boolean().optional(),
      webAclArn: z.string().optional(),
      idleTimeoutSeconds: z.int().optional(),
    }),
    z.strictObject({ kind: z.literal("nlb"), ...balancer }),
  ]),
]);

const rollout = z.strictObject({
  strategy: z.enum(["rolling", "blue-green", "canary", "linear"]).optional(),
  stepPercent: z.number().optional(),
  stepMinutes: z.int().optional(),
  bakeMinutes: z.int().optional(),
  alarms: z.array(z.string()).optional(),
});

/** `EcsPlatformArgs` tells what each means, and its default. */
export const ecsSettings = z
  .strictObject({
    /** Never the machine's own unasked. */
    region: z.string(),
    network: network.optional(),
    clusterArn: z.string().optional(),
    containerInsights: z.enum(["disabled", "enabled", "enhanced"]).optional(),
    capacity: z
      .union([z.enum(["fargate", "fargate-spot"]), z.strictObject({ capacityProvider: z.string() })])
      .optional(),
    architecture: z.enum(["x86_64", "arm64"]).optional(),
    expose: expose.optional(),
    rollout: rollout.optional(),
    secretStore: z.enum(["secrets-manager", "ssm"]).optional(),
    kmsKeyArn: z.string().optional(),
    logRetentionDays: z.int().optional(),
    serviceConnect: z.boolean().optional(),
    highResolutionMetrics: z.boolean().optional(),
    deletionProtection: z.boolean().optional(),
    tags: z.record(z.string(), z.string()).optional(),
    /** Port of the gateway. */
    httpPort: z.int().min(1).max(65535).optional(),
    /** Kind of registry, where this stack wants another one than the description. */
    registryKind: architectureSchema.shape.registry.shape.kind.optional(),
  })
  .transform((settings) => {
    const { expose: way } = settings;
    const secure = typeof way === "object" && way.certificateArn !== undefined;
    return { ...settings, httpPort: settings.httpPort ?? (secure ? 443 : 80) };
  });
