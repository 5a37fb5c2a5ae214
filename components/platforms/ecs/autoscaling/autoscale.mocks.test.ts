import assert from "node:assert/strict";
import { test } from "node:test";
import { failuresOf, Recorder } from "../../../../tests/recorder";
import { AutoscalingPolicy, type AutoscalingPolicyArgs } from "../../..";
import type { EcsPlatformArgs } from "..";
import { deploy } from "../testing";

const POLICY = "aws:appautoscaling/policy:Policy";

type Metrics = Omit<AutoscalingPolicyArgs, "target">;

async function scaled(metrics: Metrics, min = 1, args: Partial<EcsPlatformArgs> = {}) {
  const recorder = new Recorder();
  const failures = await failuresOf(() => {
    const target = deploy({ replicas: { min, max: 6 } }, args);
    new AutoscalingPolicy("users", { ...metrics, target });
  });
  return { recorder, failures };
}

interface Tracking {
  targetValue: number;
  predefinedMetricSpecification: { predefinedMetricType: string; resourceLabel?: string };
  scaleInCooldown: number;
  scaleOutCooldown: number;
}

function trackings(recorder: Recorder): [string, Tracking][] {
  return recorder
    .all(POLICY)
    .filter(({ inputs }) => inputs.policyType === "TargetTrackingScaling")
    .map(({ name, inputs }) => [name, inputs.targetTrackingScalingPolicyConfiguration as Tracking]);
}

test("cpu and memory are held at their values, within the range, with the policy's cooldowns", async () => {
  const { recorder } = await scaled({ cpuPercent: 60, memoryPercent: 70, scaleInCooldownSeconds: 120 }, 2);
  const { inputs } = recorder.one("aws:appautoscaling/target:Target", "users-target");
  assert.deepEqual(
    [inputs.minCapacity, inputs.maxCapacity, inputs.resourceId, inputs.scalableDimension],
    [2, 6, "service/flotilla-shop-test/flotilla-shop-test-users", "ecs:service:DesiredCount"],
  );
  const held = (targetValue: number, predefinedMetricType: string): Tracking => ({
    targetValue,
    predefinedMetricSpecification: { predefinedMetricType },
    scaleInCooldown: 120,
    scaleOutCooldown: 30,
  });
  assert.deepEqual(trackings(recorder).sort(), [
    ["users-cpu", held(60, "ECSServiceAverageCPUUtilizationHighResolution")],
    ["users-memory", held(70, "ECSServiceAverageMemoryUtilizationHighResolution")],
  ]);
});

test("metrics of a minute are used where they are asked for, and need no function", async () => {
  const { recorder } = await scaled({ cpuPercent: 60 }, 1, { highResolutionMetrics: false });
  const [[, { predefinedMetricSpecification }]] = trackings(recorder);
  assert.equal(predefinedMetricSpecification.predefinedMetricType, "ECSServiceAverageCPUUtilization");
  assert.equal(recorder.all("aws:lambda/function:Function").length, 0);
});

test("what is scaled by a queue or requests alone is measured as AWS does by itself", async () => {
  const queue = { kind: "redis" as const, service: "users", name: "jobs", backlogPerReplica: 10 };
  const { recorder } = await scaled({ queue });
  assert.equal(recorder.all("aws:lambda/function:Function").length, 0);
});

test("requests need a load balancer that counts them", async () => {
  const { failures } = await scaled({ requestsPerSecond: 100 });
  const said = failures.filter((message) => message.includes("AutoscalingPolicy"));
  assert.equal(said.length > 0, true);
  assert.match(
    said[0],
    /AutoscalingPolicy "users": requestsPerSecond cannot be kept on ECS for "users", whose requests no load balancer of kind alb counts, got 100\. Write cpuPercent: 60 instead\./,
  );
});

test("a schedule raises the minimum and sets it back", async () => {
  const times = { start: "0 8 * * 1-5", end: "0 18 * * 1-5", min: 3, timezone: "Europe/Zurich" };
  const { recorder } = await scaled({ schedules: [times] });
  const actions = recorder.all("aws:appautoscaling/scheduledAction:ScheduledAction").map(({ inputs }) => {
    return [inputs.schedule, inputs.timezone, inputs.scalableTargetAction];
  });
  assert.deepEqual(actions, [
    ["cron(0 8 ? * MON,TUE,WED,THU,FRI *)", "Europe/Zurich", { minCapacity: 3, maxCapacity: 6 }],
    ["cron(0 18 ? * MON,TUE,WED,THU,FRI *)", "Europe/Zurich", { minCapacity: 1, maxCapacity: 6 }],
  ]);
});

interface Step {
  metricIntervalLowerBound?: string;
  metricIntervalUpperBound?: string;
  scalingAdjustment: number;
}

/** What a policy of steps does about a metric, as AWS reads it. */
function adjustment(steps: Step[], threshold: number, value: number): number {
  const above = value - threshold;
  const found = steps.filter(({ metricIntervalLowerBound: low, metricIntervalUpperBound: high }) => {
    return (low === undefined || above >= Number(low)) && (high === undefined || above < Number(high));
  });
  assert.equal(found.length, 1, `${found.length} steps for ${value}`);
  return found[0].scalingAdjustment;
}

test("a queue's backlog moves replicas in steps, from none to one by a single message", async () => {
  const queue = { kind: "redis" as const, service: "users", name: "jobs", backlogPerReplica: 10 };
  const { recorder, failures } = await scaled({ queue }, 0);
  assert.deepEqual(failures, []);
  const alarms = recorder.byName("aws:cloudwatch/metricAlarm:MetricAlarm");
  const out = alarms.get("users-queue-out-alarm")!;
  const { stepAdjustments } = recorder.one(POLICY, "users-queue-out").inputs
    .stepScalingPolicyConfiguration as { stepAdjustments: Step[] };
  const threshold = out.threshold as number;
  assert.deepEqual(
    [threshold, out.comparisonOperator, out.treatMissingData],
    [10, "GreaterThanThreshold", "notBreaching"],
  );
  // Eleven to a thousand messages for each replica; without a replica a message counts as endlessly many.
  const steps = [11, 19, 20, 39, 40, 79, 80, 1000, 1_000_000_000].map((value) =>
    adjustment(stepAdjustments, threshold, value),
  );
  assert.deepEqual(steps, [1, 1, 2, 2, 4, 4, 8, 8, 1]);
  const expression = (alarm: Record<string, unknown>): string =>
    (alarm.metricQueries as { expression: string }[])[0].expression;
  assert.equal(expression(out), "IF(running > 0, backlog / running, IF(backlog > 0, 1000000000, 0))");
  const down = alarms.get("users-queue-in-alarm")!;
  assert.deepEqual([down.threshold, down.comparisonOperator], [5, "LessThanOrEqualToThreshold"]);
  assert.equal(expression(down), "IF(running > 1, backlog / running, IF(backlog > 0, 1000000000, 0))");
});

test("the task that measures a queue may connect to it, and reads its password as a secret", async () => {
  const queue = {
    ...{ kind: "redis" as const, service: "users", port: 8080, name: "jobs", backlogPerReplica: 10 },
    password: "hunter2",
  };
  const { recorder } = await scaled({ queue });
  const { inputs } = recorder.one("aws:ecs/taskDefinition:TaskDefinition", "users-backlog-definition");
  const text = inputs.containerDefinitions as string;
  assert.match(text, /"backlog","--kind","redis","--address","users\.flotilla-shop-test\.internal:8080"/);
  assert.equal(text.includes("hunter2"), false);
  const rules = recorder.byName("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  assert.equal(rules.has("users-backlog-to-users-8080"), true);
});
