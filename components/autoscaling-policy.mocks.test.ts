import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { problemsOf } from "../tests/problems-of";
import { Recorder } from "../tests/recorder";
import { AutoscalingPolicy, checkMetrics } from "./autoscaling-policy";
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
          scaleInCooldownSeconds: 300,
          scaleOutCooldownSeconds: 30,
        },
      ],
      ["again", { ...range, cpuPercent: undefined, memoryPercent: 100, ...given }],
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
  const rule = "must have a range of replicas";
  assert.deepEqual(
    refusal(() => new AutoscalingPolicy("Fixed", { target: fixed(2) })),
    [
      'AutoscalingPolicy "Fixed": name must be lower-case letters, digits and dashes, starting with a letter, got "Fixed". Write "fixed".',
      'AutoscalingPolicy "Fixed": cpuPercent or memoryPercent or requestsPerSecond must be given, got nothing. Write cpuPercent: 60.',
      `AutoscalingPolicy "Fixed": target "fixed-2" ${rule}, got 2. Write replicas: { min: 2, max: 10 } there.`,
    ],
  );
  assert.deepEqual(
    refusal(() => new AutoscalingPolicy("fixed", { target: fixed(20), cpuPercent: 1 })),
    [
      `AutoscalingPolicy "fixed": target "fixed-20" ${rule}, got 20. Write replicas: { min: 20, max: 20 } there.`,
    ],
  );
  assert.deepEqual(platform.scalings, []);
});

test("metrics lie in their ranges", () => {
  const metrics = {
    cpuPercent: 0,
    memoryPercent: 101,
    requestsPerSecond: 0.5,
    scaleInCooldownSeconds: -1,
    scaleOutCooldownSeconds: 3601,
  };
  assert.deepEqual(
    problemsOf((problems) => checkMetrics(problems, "autoscaling", metrics)),
    [
      "autoscaling.cpuPercent must be a whole number from 1 to 100 percent, got 0. Write 1.",
      "autoscaling.memoryPercent must be a whole number from 1 to 100 percent, got 101. Write 100.",
      "autoscaling.requestsPerSecond must be a whole number from 1 to 1000000, got 0.5. Write 1.",
      "autoscaling.scaleInCooldownSeconds must be a whole number from 0 to 3600 seconds, got -1. Write 0.",
      "autoscaling.scaleOutCooldownSeconds must be a whole number from 0 to 3600 seconds, got 3601. Write 3600.",
    ],
  );
});
