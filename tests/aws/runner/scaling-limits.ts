import type { AwsClient, Json } from "../emulator";
import type { Running } from "./running";

/** What Application Auto Scaling does by itself: a count outside of its limits is brought within. */
export async function scaleWithinLimits(aws: AwsClient, services: Running[]): Promise<void> {
  const targets: Json[] = await aws.call(
    "application-autoscaling",
    "DescribeScalableTargets",
    { ServiceNamespace: "ecs" },
    "ScalableTargets",
  );
  for (const { ResourceId, MinCapacity, MaxCapacity } of targets) {
    const [, cluster, name] = ResourceId.split("/");
    const one = services.find(
      ({ service }) => service.serviceName === name && service.clusterArn.endsWith(`/${cluster}`),
    );
    if (one === undefined) continue;
    const within = Math.min(MaxCapacity, Math.max(MinCapacity, one.service.desiredCount));
    if (within !== one.service.desiredCount) {
      await aws.call("ecs", "UpdateService", { cluster, service: name, desiredCount: within });
    }
  }
}
