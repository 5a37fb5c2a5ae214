import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { Recorder } from "../tests/recorder";
import { AutoscalingPolicy } from "./autoscaling-policy";
import { Microservice } from "./microservice";

new Recorder();
const IMAGE = "registry.example.com/app:1";

function refusal(create: () => unknown): string[] {
  try {
    create();
  } catch (error) {
    assert(pulumi.RunError.isInstance(error));
    return error.message.split("\n");
  }
  return [];
}

test("a policy hands the range and its metrics to the platform, with defaults", () => {
  const platform = new FakePlatform();
  const target = new Microservice("ranged", { platform, image: IMAGE, replicas: { min: 2, max: 5 } });
  const policy = new AutoscalingPolicy("ranged", { target, cpuPercent: 60 });
  const given = { requestsPerSecond: 100, scaleInCooldownSeconds: 0, scaleOutCooldownSeconds: 3600 };
  new AutoscalingPolicy("again", { target, memoryPercent: 100, ...given });
  assert.equal(policy.enforced, true);
  const range = { min: 2, max: 5 };
  assert.deepEqual(
    platform.scalings.map(({ name, scaling }) => [name, scaling]),
    [
      [
        "ranged",
        {
          ...range,
          cpuPercent: 60,
          memoryPercent: undefined,
          requestsPerSecond: undefined,
          queue: undefined,
          schedules: [],
          scaleInCooldownSeconds: 300,
          scaleOutCooldownSeconds: 30,
        },
      ],
      [
        "again",
        { ...range, cpuPercent: undefined, memoryPercent: 100, queue: undefined, schedules: [], ...given },
      ],
    ],
  );
  assert.deepEqual(
    platform.scalings.map(({ workload }) => workload === target.workload),
    [true, true],
  );
});

test("a fixed number of replicas has an owner already", () => {
  const platform = new FakePlatform();
  const fixed = (replicas: number) =>
    new Microservice(`fixed-${replicas}`, { platform, image: IMAGE, replicas });
  const rule = "replicas must be a range beside autoscaling";
  assert.deepEqual(
    refusal(() => new AutoscalingPolicy("Fixed", { target: fixed(2) })),
    [
      'AutoscalingPolicy "Fixed": name must be lower-case letters, digits and dashes, starting with a letter, got "Fixed". Write "fixed".',
      'AutoscalingPolicy "Fixed": cpuPercent or memoryPercent or requestsPerSecond or queue or schedules must be given, got nothing. Write cpuPercent: 60.',
      `AutoscalingPolicy "Fixed": target "fixed-2": ${rule}, got 2. Write replicas: { min: 2, max: 10 }.`,
    ],
  );
  assert.deepEqual(
    refusal(() => new AutoscalingPolicy("fixed", { target: fixed(20), cpuPercent: 1 })),
    [`AutoscalingPolicy "fixed": target "fixed-20": ${rule}, got 20. Write replicas: { min: 20, max: 20 }.`],
  );
  assert.deepEqual(platform.scalings, []);
});

test("a queue and schedules reach the platform with their defaults, and let a service go to zero", () => {
  const platform = new FakePlatform();
  const target = new Microservice("worker", { platform, image: IMAGE, replicas: { min: 0, max: 5 } });
  const redis = { kind: "redis" as const, service: "redis", name: "orders", backlogPerReplica: 10 };
  const amqp = { ...redis, kind: "amqp" as const, port: 5673, username: "shop", password: "secret" };
  const office = { start: "0 8 * * 1-5", end: "0 18 * * 1-5", min: 2 };
  new AutoscalingPolicy("by-redis", { target, queue: redis });
  new AutoscalingPolicy("by-amqp", { target, queue: amqp });
  new AutoscalingPolicy("by-time", { target, schedules: [office, { ...office, timezone: "Europe/Zurich" }] });
  assert.deepEqual(
    platform.scalings.map(({ scaling: { min, max, queue, schedules } }) => ({ min, max, queue, schedules })),
    [
      { min: 0, max: 5, queue: { ...redis, port: 6379 }, schedules: [] },
      { min: 0, max: 5, queue: amqp, schedules: [] },
      {
        min: 0,
        max: 5,
        queue: undefined,
        schedules: [
          { ...office, timezone: "UTC" },
          { ...office, timezone: "Europe/Zurich" },
        ],
      },
    ],
  );
  assert.deepEqual(
    refusal(() => new AutoscalingPolicy("worker", { target, cpuPercent: 60 })),
    [
      'AutoscalingPolicy "worker": target "worker": replicas.min must not be 0 without a queue or schedules, as nothing else starts the first replica, got 0. Write 1.',
    ],
  );
});
