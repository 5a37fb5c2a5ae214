/** How often an autoscaled service is measured, in an emulated account whose function speaks to ECS for real. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountStack, changes, serviceOf } from "./account-stack";
import type { AwsClient, Json } from "./emulator";
import { inventory } from "./inventory";
import { PretendedAccount } from "./pretended-account";

/** What runs in an account of its own. */
async function inAccount(
  options: { refuseFineMetrics: boolean },
  story: (aws: AwsClient, stack: AccountStack) => Promise<void>,
) {
  const account = await PretendedAccount.open(options);
  const stack = new AccountStack(account.emulator, "e2e-resolution", "tests/aws/door.ts", {});
  try {
    await story(account.aws, stack);
  } finally {
    stack.close();
    await account.close();
  }
}

const users = { replicas: { min: 1, max: 4 }, autoscaling: { cpuPercent: 60, memoryPercent: 70 } };
const FINE = {
  metricConfigurations: [{ metricNames: ["CPUUtilization", "MemoryUtilization"], resolutionSeconds: 20 }],
};

/** What the service's revision says of how often it is measured. */
async function monitoring(aws: AwsClient): Promise<Json> {
  const { currentServiceRevisions } = await serviceOf(aws, "users");
  const serviceRevisionArns = currentServiceRevisions.map(({ arn }: Json) => arn);
  const request = { serviceRevisionArns };
  return aws.call("ecs", "DescribeServiceRevisions", request, "serviceRevisions[0].monitoring");
}

async function tracked(aws: AwsClient): Promise<string[]> {
  const select =
    "ScalingPolicies[].TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType";
  const request = { ServiceNamespace: "ecs" };
  return (await aws.call("application-autoscaling", "DescribeScalingPolicies", request, select)).sort();
}

test("an autoscaled service", (t) =>
  inAccount({ refuseFineMetrics: false }, async (aws, stack) => {
    const atFirst = await inventory(aws);

    await t.test("is measured each 20 seconds, and scaled by that", async () => {
      await stack.go("up", { overrides: { users } });
      assert.deepEqual(await monitoring(aws), FINE);
      assert.deepEqual(await tracked(aws), [
        "ECSServiceAverageCPUUtilizationHighResolution",
        "ECSServiceAverageMemoryUtilizationHighResolution",
      ]);
      assert.deepEqual(changes(await stack.go("up", { overrides: { users } })), {});
      assert.deepEqual(changes(await stack.go("refresh", { overrides: { users } })), {});
    });

    await t.test("still is when it has become another one", async () => {
      const overrides = { users: { ...users, environment: { GREETING: "hello" } } };
      await stack.go("up", { overrides });
      assert.deepEqual(await monitoring(aws), FINE);
    });

    await t.test("is measured each minute where that is asked for", async () => {
      const settings = { highResolutionMetrics: false };
      await stack.go("up", { overrides: { users }, settings });
      assert.deepEqual(await tracked(aws), [
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageMemoryUtilization",
      ]);
      assert.deepEqual(changes(await stack.go("up", { overrides: { users }, settings })), {});
    });

    await t.test("what the function sends passes ECS's own model", async () => {
      const { clusterArn: cluster, serviceName } = await serviceOf(aws, "users");
      await aws.call("ecs", "UpdateService", { cluster, service: serviceName, monitoring: FINE });
    });

    await t.test("leaves nothing", async () => {
      await stack.go("destroy");
      assert.deepEqual(await inventory(aws), atFirst);
    });
  }));

test("a region that refuses is told, and scales by each minute", () =>
  inAccount({ refuseFineMetrics: true }, async (aws, stack) => {
    const { diagnostics } = await stack.go("up", { overrides: { users } });
    const said = diagnostics.filter(
      ({ severity, message }) => severity === "warning" && message.includes("each minute"),
    );
    assert.deepEqual(
      said.map(({ message }) => message.trim()),
      [
        'AutoscalingPolicy of "users": CPU and memory are measured each minute, as AWS refuses to do so each 20 seconds: UpdateService: Monitoring is not supported in this region.',
      ],
    );
    assert.deepEqual(await tracked(aws), [
      "ECSServiceAverageCPUUtilization",
      "ECSServiceAverageMemoryUtilization",
    ]);
    assert.deepEqual(changes(await stack.go("up", { overrides: { users } })), {});
  }));
