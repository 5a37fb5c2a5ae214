import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScalingSpec } from "../../../platform";
import { behavior } from "./behavior";
import { autoscalerSpec } from "./hpa";
import { needsKeda, scaledObjectSpec } from "./keda";
import { cpuShare, memoryShare } from "./usage";

const TARGET = { apiVersion: "apps/v1", kind: "Deployment", name: "users" };
const LIMITS = { cpuMillicores: 500, memoryMiB: 256 };
const NONE: ScalingSpec = {
  min: 1,
  max: 5,
  schedules: [],
  scaleInCooldownSeconds: 300,
  scaleOutCooldownSeconds: 30,
};
const OFFICE = { start: "0 8 * * 1-5", end: "0 18 * * 1-5", timezone: "Europe/Zurich", min: 3 };

test("a percentage is one of the limit, in whole units", () => {
  const cores = [500, 10, 10, 333].map((cpuMillicores) => ({ cpuMillicores, memoryMiB: 0 }));
  assert.deepEqual(
    cores.map((limits, index) => cpuShare(limits, [60, 1, 50, 33][index])),
    ["300m", "1m", "5m", "110m"],
  );
  assert.deepEqual(
    [60, 100, 1].map((percent) => memoryShare({ cpuMillicores: 0, memoryMiB: 256 }, percent)),
    ["157286Ki", "262144Ki", "2621Ki"],
  );
});

test("the cluster's own autoscaler gets range, target and each metric that is asked for, and no other", () => {
  assert.deepEqual(autoscalerSpec({ ...NONE, cpuPercent: 60 }, LIMITS, TARGET), {
    scaleTargetRef: TARGET,
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "main",
          target: { type: "AverageValue", averageValue: "300m" },
        },
      },
    ],
    behavior: behavior(NONE),
  });
  const { metrics } = autoscalerSpec({ ...NONE, memoryPercent: 50, requestsPerSecond: 100 }, LIMITS, TARGET);
  assert.deepEqual(metrics, [
    {
      type: "ContainerResource",
      containerResource: {
        name: "memory",
        container: "main",
        target: { type: "AverageValue", averageValue: "131072Ki" },
      },
    },
    {
      type: "Pods",
      pods: {
        metric: { name: "http_requests_per_second" },
        target: { type: "AverageValue", averageValue: "100" },
      },
    },
  ]);
});

test("cooldowns lie between steps up, and a low load lasts for the whole one before a step down", () => {
  assert.deepEqual(behavior(NONE), {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 100, periodSeconds: 30 },
        { type: "Pods", value: 4, periodSeconds: 30 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: 300,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 50, periodSeconds: 300 },
        { type: "Pods", value: 1, periodSeconds: 300 },
      ],
    },
  });
});

test("the shortest and the longest cooldowns are within what Kubernetes accepts", () => {
  const { scaleUp, scaleDown } = behavior({
    ...NONE,
    scaleOutCooldownSeconds: 0,
    scaleInCooldownSeconds: 3600,
  }) as { scaleUp: Record<string, unknown>; scaleDown: Record<string, unknown> };
  assert.deepEqual(
    [scaleUp, scaleDown].map(({ stabilizationWindowSeconds, policies }) => [
      stabilizationWindowSeconds,
      (policies as { periodSeconds: number }[]).map(({ periodSeconds }) => periodSeconds),
    ]),
    [
      [0, [1, 1]],
      [3600, [1800, 1800]],
    ],
  );
});

test("only a queue and schedules need KEDA", () => {
  const queue = { kind: "redis" as const, service: "redis", port: 6379, name: "q", backlogPerReplica: 1 };
  const load = { ...NONE, cpuPercent: 1, memoryPercent: 1, requestsPerSecond: 1 };
  assert.deepEqual([load, { ...NONE, queue }, { ...NONE, schedules: [OFFICE] }].map(needsKeda), [
    false,
    true,
    true,
  ]);
});

test("KEDA gets every metric in one object, so that no other autoscaler sets the same number", () => {
  const queue = { type: "redis", metadata: { listName: "orders" } };
  const all = {
    ...NONE,
    min: 0,
    cpuPercent: 60,
    memoryPercent: 50,
    schedules: [OFFICE, { ...OFFICE, min: 1 }],
  };
  const schedule = { start: "0 8 * * 1-5", end: "0 18 * * 1-5", timezone: "Europe/Zurich" };
  assert.deepEqual(scaledObjectSpec(all, LIMITS, TARGET, queue), {
    scaleTargetRef: TARGET,
    minReplicaCount: 0,
    maxReplicaCount: 5,
    cooldownPeriod: 300,
    advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(NONE) } },
    triggers: [
      { type: "cpu", metricType: "AverageValue", metadata: { value: "300m", containerName: "main" } },
      { type: "memory", metricType: "AverageValue", metadata: { value: "131072Ki", containerName: "main" } },
      queue,
      { type: "cron", metadata: { ...schedule, desiredReplicas: "3" } },
      { type: "cron", metadata: { ...schedule, desiredReplicas: "1" } },
    ],
  });
});
