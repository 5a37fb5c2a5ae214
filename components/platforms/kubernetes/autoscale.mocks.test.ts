import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { fakeHost, fakeWorkload } from "../../../tests/fake-kubernetes";
import { failuresOf, Recorder, revealed, settled } from "../../../tests/recorder";
import type { QueueSpec, ScalingSpec } from "../../platform";
import { autoscale } from "./autoscale";

const recorder = new Recorder();
const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
const HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const KEDA = "keda.sh/v1alpha1";
const SCALED_OBJECT = `kubernetes:${KEDA}:ScaledObject`;
const NONE: ScalingSpec = {
  min: 1,
  max: 5,
  schedules: [],
  scaleInCooldownSeconds: 300,
  scaleOutCooldownSeconds: 30,
};
const OFFICE = { start: "0 8 * * *", end: "0 18 * * *", timezone: "UTC", min: 3 };
const REDIS: QueueSpec = {
  kind: "redis",
  service: "redis",
  port: 6379,
  name: "orders",
  backlogPerReplica: 10,
};

// biome-ignore lint/suspicious/noExplicitAny: what is recorded is open JSON
type Json = any;

async function scale(name: string, scaling: Partial<ScalingSpec>, served: string[] = [KEDA]) {
  const scaler = autoscale(fakeHost(served), name, { ...NONE, ...scaling }, fakeWorkload(name), parent);
  assert.deepEqual(scaler, { enforced: true });
  await settled();
}

const refused = (scaling: Partial<ScalingSpec>, served: string[] = []): Promise<string[]> =>
  failuresOf(() =>
    autoscale(fakeHost(served), "users", { ...NONE, ...scaling }, fakeWorkload("users"), parent),
  );

function trigger(name: string): Json {
  const { inputs } = recorder.one(SCALED_OBJECT, `${name}-scaler`) as { inputs: Json };
  return inputs.spec.triggers[0];
}

test("cpu and memory are the cluster's own autoscaler's, which needs nothing more of the cluster", async () => {
  await scale("plain", { cpuPercent: 60, memoryPercent: 70 }, []);
  const { inputs } = recorder.one(HPA, "plain-scaler") as { inputs: Json };
  assert.equal(inputs.metadata.name, "plain");
  assert.equal(inputs.metadata.labels["flotilla.dev/workload"], "plain");
  assert.deepEqual(inputs.spec.scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "plain" });
  assert.equal(inputs.spec.metrics.length, 2);
});

test("a workload with volumes is scaled as the StatefulSet that it is", async () => {
  const workload = Object.assign(fakeWorkload("stateful"), { statefulSet: {} });
  autoscale(fakeHost([]), "stateful", { ...NONE, cpuPercent: 60 }, workload, parent);
  await settled();
  const { inputs } = recorder.one(HPA, "stateful-scaler") as { inputs: Json };
  assert.equal(inputs.spec.scaleTargetRef.kind, "StatefulSet");
});

test("with a queue or schedules KEDA has all metrics, and no second autoscaler fights it", async () => {
  await scale("timed", { min: 0, cpuPercent: 60, schedules: [OFFICE] });
  const { inputs } = recorder.one(SCALED_OBJECT, "timed-scaler") as { inputs: Json };
  assert.equal(inputs.apiVersion, KEDA);
  assert.deepEqual(
    inputs.spec.triggers.map(({ type }: { type: string }) => type),
    ["cpu", "cron"],
  );
  assert.deepEqual([inputs.spec.minReplicaCount, inputs.spec.maxReplicaCount], [0, 5]);
  assert.deepEqual(
    recorder.all(HPA).filter(({ name }) => name.startsWith("timed")),
    [],
  );
});

test("KEDA is let in to the queue, and told of it by its full name", async () => {
  await scale("worker", { queue: REDIS });
  assert.deepEqual(trigger("worker"), {
    type: "redis",
    metadata: { address: "redis.shop.svc:6379", listName: "orders", listLength: "10" },
  });
  const { inputs } = recorder.one(
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "worker-queue-to-redis",
  ) as { inputs: Json };
  assert.deepEqual(inputs.spec.podSelector.matchLabels, { "flotilla.dev/workload": "redis" });
  assert.deepEqual(inputs.spec.ingress, [
    {
      from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "keda-operator" } } }],
      ports: [6379, 15000].map((port) => ({ protocol: "TCP", port })),
    },
  ]);
});

test("an AMQP queue without a password is named by its plain address", async () => {
  await scale("free", { queue: { ...REDIS, kind: "amqp", port: 5672 } });
  assert.deepEqual(trigger("free"), {
    type: "rabbitmq",
    metadata: {
      protocol: "amqp",
      mode: "QueueLength",
      queueName: "orders",
      value: "10",
      host: "amqp://redis.shop.svc:5672",
    },
  });
});

test("a password goes by a Secret alone, named by what is in it", async () => {
  const secrets: [name: string, queue: QueueSpec, data: Record<string, string>][] = [
    ["listed", { ...REDIS, password: "p@ss" }, { password: "p@ss" }],
    ["named", { ...REDIS, username: "shop", password: "p@ss" }, { password: "p@ss", username: "shop" }],
    [
      "brokered",
      { ...REDIS, kind: "amqp", port: 5672, username: "sh:op", password: pulumi.secret("p@ss") },
      { host: "amqp://sh%3Aop:p%40ss@redis.shop.svc:5672" },
    ],
  ];
  for (const [name, queue, data] of secrets) {
    await scale(name, { queue });
    const { inputs: secret } = recorder.one("kubernetes:core/v1:Secret", `${name}-queue`) as { inputs: Json };
    assert.deepEqual(revealed(secret.stringData), data);
    const { inputs: access } = recorder.one(
      `kubernetes:${KEDA}:TriggerAuthentication`,
      `${name}-queue-access`,
    ) as { inputs: Json };
    assert.equal(access.metadata.name, `${name}-queue-digest`);
    assert.deepEqual(
      access.spec.secretTargetRef,
      Object.keys(data).map((key) => ({ parameter: key, key, name: `${name}-queue-digest` })),
    );
    assert.deepEqual(trigger(name).authenticationRef, { name: `${name}-queue-digest` });
    assert.doesNotMatch(JSON.stringify(trigger(name)), /p@ss|p%40ss/);
  }
});

test("a cluster without KEDA is refused before anything is made there", async () => {
  const made = recorder.resources.length;
  const rule =
    'AutoscalingPolicy "users": queue, schedules and a minimum of 0 need KEDA, but the cluster serves no keda.sh/v1alpha1. Install KEDA there, or take them out.';
  assert.deepEqual(await refused({ schedules: [OFFICE] }, ["apps/v1"]), [rule]);
  assert.deepEqual(await refused({ queue: { ...REDIS, password: "p" } }), [rule]);
  const kinds = recorder.resources.slice(made).map(({ type }) => type);
  assert.deepEqual(
    kinds.filter((type) => type.startsWith("kubernetes:")),
    [],
  );
});

test("requests per second need a metrics API, in either of its versions", async () => {
  const group = "custom.metrics.k8s.io";
  assert.deepEqual(await refused({ requestsPerSecond: 10 }, ["apps/v1"]), [
    `AutoscalingPolicy "users": requestsPerSecond needs the metric http_requests_per_second of the pods, but the cluster serves no ${group}. Install a metrics adapter there that serves it, or write cpuPercent: 60 instead.`,
  ]);
  await scale("requested", { requestsPerSecond: 10 }, [`${group}/v1beta1`]);
  await scale("requested-2", { requestsPerSecond: 10 }, [`${group}/v1beta2`]);
  assert.equal(recorder.all(HPA).filter(({ name }) => name.startsWith("requested")).length, 2);
});

test("what Kubernetes cannot keep of a policy is refused at once", () => {
  const scaling = { ...NONE, requestsPerSecond: 10, schedules: [OFFICE], scaleOutCooldownSeconds: 1801 };
  assert.throws(
    () => autoscale(fakeHost([KEDA]), "users", scaling, fakeWorkload("users"), parent),
    (error: Error) => {
      assert.deepEqual(error.message.split("\n"), [
        'AutoscalingPolicy "users": requestsPerSecond cannot be kept beside queue or schedules on Kubernetes, as KEDA does not read that metric, got 10. Take it out, or write cpuPercent: 60 instead.',
        'AutoscalingPolicy "users": scaleOutCooldownSeconds must be at most 1800 seconds on Kubernetes, got 1801. Write 1800.',
      ]);
      return pulumi.RunError.isInstance(error);
    },
  );
});
