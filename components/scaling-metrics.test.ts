import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import type { Replicas } from "./platform";
import { checkMetrics, checkRange, type QueueArgs, queueSpec, type ScalingMetrics } from "./scaling-metrics";

const QUEUE: QueueArgs = { kind: "redis", service: "redis", name: "orders", backlogPerReplica: 10 };
const OFFICE = { start: "0 8 * * 1-5", end: "0 18 * * 1-5", min: 3 };

function refused(metrics: ScalingMetrics, replicas: Replicas | undefined = { min: 1, max: 10 }): string[] {
  return problemsOf((problems) => {
    checkMetrics(problems, "autoscaling", metrics, replicas);
    checkRange(problems, "replicas", replicas, metrics);
  });
}

test("every kind of metric alone is enough, and all go together", () => {
  const all = {
    cpuPercent: 1,
    memoryPercent: 100,
    requestsPerSecond: 1000000,
    queue: QUEUE,
    schedules: [OFFICE],
  };
  for (const [metric, value] of Object.entries(all)) {
    assert.deepEqual(refused({ [metric]: value }), [], metric);
  }
  assert.deepEqual(refused({ ...all, scaleInCooldownSeconds: 0, scaleOutCooldownSeconds: 3600 }), []);
});

test("no metric at all moves nothing", () => {
  const none =
    "autoscaling.cpuPercent or memoryPercent or requestsPerSecond or queue or schedules must be given, got nothing. Write cpuPercent: 60.";
  assert.deepEqual(refused({}), [none]);
  assert.deepEqual(refused({ schedules: [], scaleInCooldownSeconds: 5 }), [none]);
});

test("metrics lie in their ranges", () => {
  const metrics = {
    cpuPercent: 0,
    memoryPercent: 101,
    requestsPerSecond: 0.5,
    scaleInCooldownSeconds: -1,
    scaleOutCooldownSeconds: 3601,
  };
  assert.deepEqual(refused(metrics), [
    "autoscaling.cpuPercent must be a whole number from 1 to 100 percent, got 0. Write 1.",
    "autoscaling.memoryPercent must be a whole number from 1 to 100 percent, got 101. Write 100.",
    "autoscaling.requestsPerSecond must be a whole number from 1 to 1000000, got 0.5. Write 1.",
    "autoscaling.scaleInCooldownSeconds must be a whole number from 0 to 3600 seconds, got -1. Write 0.",
    "autoscaling.scaleOutCooldownSeconds must be a whole number from 0 to 3600 seconds, got 3601. Write 3600.",
  ]);
});

test("a queue says what it is, where, and how much of it one replica works off", () => {
  const wrong = { kind: "kafka", service: "Redis", port: 0, name: "", backlogPerReplica: 0 } as unknown;
  const at = "autoscaling.queue";
  assert.deepEqual(refused({ queue: wrong as QueueArgs }), [
    `${at}.kind must be one of redis, amqp, got "kafka". Write "redis".`,
    `${at}.service must be lower-case letters, digits and dashes, starting with a letter, got "Redis". Write "redis".`,
    `${at}.port must be a whole number from 1 to 65535, got 0. Write 1.`,
    `${at}.name must not be empty, got "". Write the name of the queue, e.g. "orders".`,
    `${at}.backlogPerReplica must be a whole number from 1 to 1000000 messages, got 0. Write 1.`,
  ]);
});

test("the broker's user and password go together; a secret is not told", () => {
  const at = "autoscaling.queue";
  const amqp: QueueArgs = { ...QUEUE, kind: "amqp" };
  const named = [`${at}.password must be given beside username, got nothing. Give it, or take username out.`];
  assert.deepEqual(refused({ queue: { ...QUEUE, password: "hidden" } }), []);
  assert.deepEqual(refused({ queue: { ...amqp, username: "shop", password: "hidden" } }), []);
  assert.deepEqual(refused({ queue: { ...QUEUE, username: "shop" } }), named);
  assert.deepEqual(refused({ queue: { ...amqp, username: "shop" } }), named);
  assert.deepEqual(refused({ queue: { ...amqp, password: "hidden" } }), [
    `${at}.username must be given beside password, got nothing. Write username: "flotilla".`,
  ]);
});

test("a queue is where its kind usually is, unless it is said otherwise", () => {
  assert.deepEqual(queueSpec(QUEUE), { ...QUEUE, port: 6379 });
  assert.deepEqual(queueSpec({ ...QUEUE, kind: "amqp" }), { ...QUEUE, kind: "amqp", port: 5672 });
  assert.deepEqual(queueSpec({ ...QUEUE, port: 6380 }), { ...QUEUE, port: 6380 });
});

test("schedules stay within the range, each told with its place", () => {
  const schedules = [{ ...OFFICE, min: 10 }, { ...OFFICE, min: 11 }, OFFICE, { ...OFFICE, end: "18:00" }];
  assert.deepEqual(refused({ schedules }), [
    "autoscaling.schedules[1].min must be a whole number from 1 to 10 replicas, got 11. Write 10.",
    'autoscaling.schedules[3].end must have five fields (minute, hour, day of month, month, day of week), got "18:00". Write one like "0 18 * * 1-5".',
  ]);
});

test("a policy has a range to move in, down to zero only where something starts the first replica", () => {
  const zero = { min: 0, max: 2 };
  const rule = "must be a range beside autoscaling";
  assert.deepEqual(refused({ queue: QUEUE }, zero), []);
  assert.deepEqual(refused({ schedules: [{ ...OFFICE, min: 1 }] }, zero), []);
  assert.deepEqual(refused({ cpuPercent: 60, schedules: [] }, zero), [
    "replicas.min must not be 0 without a queue or schedules, as nothing else starts the first replica, got 0. Write 1.",
  ]);
  assert.deepEqual(
    problemsOf((problems) => checkRange(problems, "replicas", undefined, { cpuPercent: 60 })),
    [`replicas ${rule}, got nothing. Write replicas: { min: 1, max: 10 }.`],
  );
  assert.deepEqual(refused({ cpuPercent: 60 }, 20), [
    `replicas ${rule}, got 20. Write replicas: { min: 20, max: 20 }.`,
  ]);
});
