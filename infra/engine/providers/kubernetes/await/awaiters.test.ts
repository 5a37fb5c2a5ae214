import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Properties } from "../../../provider";
import type { Awaiter, Situation } from "./awaiter";
import { definitionAwaiter } from "./custom-resource-definition";
import { daemonSetAwaiter } from "./daemon-set";
import { deploymentAwaiter } from "./deployment";
import { ingressAwaiter } from "./ingress";
import { jobAwaiter } from "./job";
import { podAwaiter } from "./pod";
import { byOwner, troubleOf } from "./pods";
import { serviceAwaiter } from "./service";
import { statefulSetAwaiter } from "./stateful-set";
import { claimAwaiter, volumeAwaiter } from "./volumes";
import { waitForAwaiter } from "./wait-for";

/** The verdict in a word or a sentence, as `ready`, `waiting: …` or `failed: …`. */
function judged(awaiter: Awaiter, live: Properties, more: Partial<Situation> = {}): string {
  const generation = live.status ? { generation: 1 } : { generation: 2 };
  const whole = { metadata: { name: "x", ...generation }, spec: {}, ...live };
  const verdict = awaiter.judge({ live: whole, related: [], facts: {}, waitedMs: 0, ...more });
  return verdict.state === "ready" ? "ready" : `${verdict.state}: ${verdict.message}`;
}

const observed = { observedGeneration: 1 };
const held = (type: string, status: string, more: object = {}) => ({ type, status, ...more });

suite("a workload works when", () => {
  test("a Deployment has rolled out", () => {
    const spec = { replicas: 3 };
    const is = (status: object) => judged(deploymentAwaiter, { spec, status: { ...observed, ...status } });
    assert.equal(judged(deploymentAwaiter, { spec }), "waiting: waits for the deployment controller");
    assert.equal(is({ updatedReplicas: 1, replicas: 3 }), "waiting: 1/3 replicas updated");
    assert.equal(is({ updatedReplicas: 3, replicas: 4 }), "waiting: 1 old replicas end");
    assert.equal(
      is({ updatedReplicas: 3, replicas: 3, availableReplicas: 2 }),
      "waiting: 2/3 replicas available",
    );
    assert.equal(is({ updatedReplicas: 3, replicas: 3, availableReplicas: 3 }), "ready");
    const exceeded = held("Progressing", "False", {
      reason: "ProgressDeadlineExceeded",
      message: "too slow",
    });
    assert.equal(is({ conditions: [exceeded] }), "failed: too slow");
    const refused = held("ReplicaFailure", "True", { message: "violates PodSecurity" });
    assert.equal(is({ conditions: [refused] }), "waiting: pods cannot be made: violates PodSecurity");
  });

  test("a Deployment of no replicas has none", () => {
    assert.equal(judged(deploymentAwaiter, { spec: { replicas: 0 }, status: observed }), "ready");
  });

  test("a StatefulSet has its replicas of the new revision", () => {
    const rolling = { ...observed, currentRevision: "1", updateRevision: "2", replicas: 2, readyReplicas: 2 };
    const is = (spec: object, status: object) =>
      judged(statefulSetAwaiter, { spec: { replicas: 2, ...spec }, status: { ...rolling, ...status } });
    assert.equal(is({}, { updatedReplicas: 1 }), "waiting: 1/2 replicas updated");
    assert.equal(is({ updateStrategy: { type: "OnDelete" } }, {}), "ready");
    const partition = { updateStrategy: { rollingUpdate: { partition: 1 } } };
    assert.equal(is(partition, { updatedReplicas: 1 }), "ready");
    assert.equal(is({}, { updatedReplicas: 2, readyReplicas: 1 }), "waiting: 1/2 replicas ready");
    assert.equal(is({}, { updatedReplicas: 2, replicas: 3 }), "waiting: 1 replicas end");
    assert.equal(is({}, { updatedReplicas: 2 }), "ready");
  });

  test("a DaemonSet has an available pod on each of its nodes", () => {
    const is = (status: object) =>
      judged(daemonSetAwaiter, { status: { ...observed, desiredNumberScheduled: 2, ...status } });
    assert.equal(is({ updatedNumberScheduled: 1 }), "waiting: 1/2 pods updated");
    assert.equal(is({ updatedNumberScheduled: 2, numberAvailable: 1 }), "waiting: 1/2 pods available");
    assert.equal(is({ updatedNumberScheduled: 2, numberAvailable: 2 }), "ready");
  });

  test("a Job is complete", () => {
    const is = (status: object, spec: object = {}) => judged(jobAwaiter, { spec, status });
    assert.equal(
      is({ active: 1, failed: 2 }, { completions: 3 }),
      "waiting: 0/3 completed, 1 running, 2 failed",
    );
    assert.equal(is({ conditions: [held("Complete", "True")] }), "ready");
    assert.equal(is({ conditions: [held("Failed", "True", { message: "limit" })] }), "failed: limit");
    assert.equal(is({}, { suspend: true }), "ready");
  });

  test("a Pod is ready, or done", () => {
    const is = (status: object) => judged(podAwaiter, { status });
    assert.equal(is({ phase: "Pending" }), "waiting: is pending");
    assert.equal(is({ phase: "Running" }), "waiting: runs and is not ready");
    assert.equal(is({ phase: "Running", conditions: [held("Ready", "True")] }), "ready");
    assert.equal(is({ phase: "Succeeded" }), "ready");
    assert.equal(is({ phase: "Failed", message: "evicted" }), "failed: failed: evicted");
  });
});

suite("an object works when", () => {
  test("a Service has its pods, or none for ten seconds", () => {
    const spec = { selector: { app: "x" }, clusterIP: "10.0.0.1" };
    const slices = (...ready: boolean[]) => ({
      related: [{ endpoints: ready.map((each) => ({ conditions: { ready: each } })) }],
    });
    assert.equal(judged(serviceAwaiter, { spec }), "waiting: looks for pods that its selector matches");
    assert.equal(judged(serviceAwaiter, { spec }, { waitedMs: 10_000 }), "ready");
    assert.equal(judged(serviceAwaiter, { spec }, slices(true, false)), "waiting: 1/2 pods ready");
    assert.equal(judged(serviceAwaiter, { spec }, slices(true)), "ready");
    assert.equal(judged(serviceAwaiter, { spec: { ...spec, clusterIP: "None" } }), "ready");
    assert.equal(judged(serviceAwaiter, { spec: { clusterIP: "10.0.0.1" } }), "ready");
    const balanced = { spec: { type: "LoadBalancer" } };
    assert.equal(judged(serviceAwaiter, balanced), "waiting: waits for the load balancer's address");
  });

  test("an Ingress has an address", () => {
    assert.match(judged(ingressAwaiter, {}), /^waiting: waits for an ingress controller/);
    assert.equal(
      judged(ingressAwaiter, { status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } }),
      "ready",
    );
  });

  test("a claim is bound, or will be with its first pod", () => {
    const status = { phase: "Pending" };
    assert.equal(judged(claimAwaiter, { status }), "waiting: is pending, and not bound to a volume");
    const facts = { volumeBindingMode: "WaitForFirstConsumer" };
    assert.equal(judged(claimAwaiter, { status }, { facts }), "ready");
    assert.equal(
      judged(claimAwaiter, { status: { phase: "Lost" } }, { facts }),
      "waiting: is lost, and not bound to a volume",
    );
    assert.equal(judged(volumeAwaiter, { status: { phase: "Available" } }), "ready");
  });

  test("a definition is established", () => {
    assert.equal(judged(definitionAwaiter, {}), "waiting: waits to be established");
    assert.equal(
      judged(definitionAwaiter, { status: { conditions: [held("Established", "True")] } }),
      "ready",
    );
    const taken = held("NamesAccepted", "False", { message: "taken" });
    assert.equal(judged(definitionAwaiter, { status: { conditions: [taken] } }), "failed: taken");
  });

  test("the program's own conditions hold", () => {
    const both = waitForAwaiter('["condition=Synced", "jsonpath={.status.parts[0].name}=a"]');
    assert.equal(judged(both, {}), "waiting: waits for condition=Synced");
    const conditions = [held("Synced", "True")];
    assert.equal(
      judged(both, { status: { conditions } }),
      "waiting: waits for jsonpath={.status.parts[0].name}=a",
    );
    assert.equal(judged(both, { status: { conditions, parts: [{ name: "a" }] } }), "ready");
    const stopped = waitForAwaiter("condition=Ready=False");
    assert.equal(judged(stopped, { status: { conditions: [held("Ready", "False")] } }), "ready");
    assert.throws(() => waitForAwaiter("Ready"), /does not understand "Ready"\. Write condition=TYPE/);
  });
});

suite("pods", () => {
  const pod = (status: Properties) => troubleOf({ metadata: { name: "p" }, status });
  const container = (more: Properties) => pod({ containerStatuses: [{ name: "main", ...more }] });

  test("belong to who made them", () => {
    const owned = (kind: string, name: string, labels = {}) =>
      byOwner({ metadata: { name: "p", labels, ownerReferences: [{ kind, name, controller: true }] } });
    assert.equal(owned("ReplicaSet", "users-5d9f", { "pod-template-hash": "5d9f" }), "Deployment/users");
    assert.equal(owned("StatefulSet", "redis"), "StatefulSet/redis");
    assert.equal(byOwner({ metadata: { name: "alone" } }), "Pod/alone");
  });

  test("that start as usual have no trouble", () => {
    assert.equal(pod({}), undefined);
    assert.equal(container({ state: { waiting: { reason: "ContainerCreating" } } }), undefined);
    assert.equal(container({ state: { running: {} }, ready: true, started: true }), undefined);
  });

  test("say what keeps them", () => {
    const unscheduled = { type: "PodScheduled", status: "False", message: "0/1 nodes: no memory" };
    assert.equal(pod({ conditions: [unscheduled] })?.message, "is not scheduled: 0/1 nodes: no memory");
    assert.deepEqual(
      container({
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
        lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
      }),
      {
        message: "container main: CrashLoopBackOff: ended with exit code 137 (OOMKilled)",
        container: "main",
        previous: true,
      },
    );
    assert.equal(
      container({ state: { terminated: { exitCode: 1, reason: "Error" } } })?.message,
      "container main ended with exit code 1",
    );
    assert.equal(
      container({ state: { running: {} }, ready: false, started: true })?.message,
      "container main runs and is not ready: its readiness probe fails",
    );
  });
});
