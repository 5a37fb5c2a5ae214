import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Properties } from "../../provider";
import { ClusterFixture, type Made } from "./testing/cluster";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const JOB = "kubernetes:batch/v1:Job";
const SERVICE = "kubernetes:core/v1:Service";
const SHORTLY = { "pulumi.com/timeoutSeconds": "15" };

let fixture: ClusterFixture;
let skipped: string | undefined;

before(async () => {
  const opened = await ClusterFixture.open();
  if ("fixture" in opened) fixture = opened.fixture;
  else skipped = opened.skip;
});
after(() => fixture?.close());

const scenario = (name: string, run: () => Promise<void>) =>
  test(name, { timeout: 180_000 }, (t) => (skipped ? t.skip(skipped) : run()));

const metadata = (name: string, annotations: Properties = {}) => ({ name, annotations });

function deployment(name: string, script: string, more: Properties = {}): Properties {
  const { annotations, image = fixture.image, ...spec } = more;
  const labels = { app: name };
  const container = {
    name: "main",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh", "-c", script],
  };
  return {
    metadata: metadata(name, annotations),
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
      ...spec,
    },
  };
}

function job(name: string, script: string): Properties {
  const container = { name: "main", image: fixture.image, command: ["/bin/sh", "-c", script] };
  const template = { spec: { restartPolicy: "Never", containers: [container] } };
  return { metadata: metadata(name), spec: { backoffLimit: 0, template } };
}

const RUN = "trap 'exit 0' TERM; sleep 1000 & wait";

suite("workloads", () => {
  scenario("a Deployment rolls out, is changed, and is gone with its pods", async () => {
    const said: string[] = [];
    const made = await fixture.make(DEPLOYMENT, deployment("web", RUN), {
      progress: (message) => said.push(message),
    });
    assert.equal(made.outputs.status.availableReplicas, 1);
    assert.ok(said.includes("0/1 replicas available"), said.join(" | "));
    const changed = await fixture.update(made, deployment("web", `${RUN} # changed`, { replicas: 2 }));
    assert.deepEqual([changed.outputs.status.updatedReplicas, changed.outputs.status.replicas], [2, 2]);
    await fixture.remove(changed);
    const query = { labelSelector: "app=web" };
    const pods = await fixture.api.request(`/api/v1/namespaces/${fixture.namespace}/pods`, { query });
    assert.deepEqual(pods.items, []);
  });

  scenario("one that crashes tells its exit code, its event and its last log lines", async () => {
    const message = await fixture.failure(
      DEPLOYMENT,
      // Without a probe it is ready for the moment that it runs.
      deployment("crash", "echo starting; echo no database; exit 3", {
        annotations: SHORTLY,
        minReadySeconds: 5,
      }),
    );
    assert.match(
      message,
      /^Deployment flotilla-test-\w+\/crash is not ready after 15 seconds: 0\/1 replicas available; pod crash-\S+ container main/,
    );
    assert.match(message, /ended with exit code 3/);
    assert.match(message, /last log lines of main:\n\s+starting\n\s+no database/);
  });

  scenario("one without its image tells what the node was told", async () => {
    const message = await fixture.failure(
      DEPLOYMENT,
      deployment("lost", RUN, { annotations: SHORTLY, image: "registry.invalid/lost:1" }),
    );
    assert.match(message, /container main: (ErrImagePull|ImagePullBackOff)/);
    assert.match(message, /event Failed.*registry\.invalid\/lost:1/);
  });

  scenario("one whose progress deadline passes fails then, and the next update mends it", async () => {
    const given = deployment("slow", "exit 1", { progressDeadlineSeconds: 5 });
    const message = await fixture.failure(DEPLOYMENT, given);
    assert.match(
      message,
      /^Deployment flotilla-test-\w+\/slow does not work: ReplicaSet "slow-\w+" has timed out progressing\./,
    );
  });

  scenario("Jobs are waited for, and one that fails tells its last words", async () => {
    const done = await fixture.make(JOB, job("done", "echo fine"));
    assert.equal(done.outputs.status.succeeded, 1);
    const message = await fixture.failure(JOB, job("broken", "echo cannot; exit 4"));
    assert.match(message, /does not work: Job has reached the specified backoff limit/);
    assert.match(message, /last log lines of main:\n\s+cannot/);
  });

  scenario("a Service waits for its pods, a headless one for nothing", async () => {
    const selector = { app: "served" };
    const ports = [{ port: 80 }];
    const headless = await fixture.make(SERVICE, {
      metadata: metadata("headless"),
      spec: { clusterIP: "None", selector },
    });
    assert.equal(headless.outputs.spec.clusterIP, "None");
    await fixture.make(DEPLOYMENT, deployment("served", RUN));
    const begun = Date.now();
    await fixture.make(SERVICE, { metadata: metadata("served"), spec: { selector, ports } });
    assert.ok(Date.now() - begun < 8000, "a service with ready pods settles for ten seconds no more");
  });
});

suite("fields", () => {
  let made: Made;
  const settings = (data: Properties, annotations: Properties = {}) => ({
    metadata: metadata("settings", annotations),
    data,
  });

  scenario("that another manager holds are refused, and taken over by force", async () => {
    made = await fixture.make(CONFIG_MAP, settings({ a: "1", b: "1" }));
    const path = `/api/v1/namespaces/${fixture.namespace}/configmaps/settings`;
    const body = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings" },
      data: { a: "theirs" },
    };
    const contentType = "application/apply-patch+yaml";
    await fixture.api.request(path, {
      method: "PATCH",
      query: { fieldManager: "other", force: true },
      body,
      contentType,
    });
    await assert.rejects(fixture.changes(made, settings({ a: "2", b: "1" })), {
      message: `ConfigMap ${fixture.namespace}/settings has fields that others hold: .data.a (held by "other"). Leave them out, or set the annotation pulumi.com/patchForce: "true" to take them over.`,
    });
    made = await fixture.update(made, settings({ a: "2", b: "1" }, { "pulumi.com/patchForce": "true" }));
    assert.equal(made.outputs.data.a, "2");
  });

  scenario("of a patch are held beside the owner's, and given up with it", async () => {
    const patch = await fixture.make(`${CONFIG_MAP}Patch`, {
      metadata: { name: "settings" },
      data: { c: "3" },
    });
    assert.deepEqual(patch.outputs.data, { a: "2", b: "1", c: "3" });
    await fixture.remove(patch);
    const live = await fixture.api.request(`/api/v1/namespaces/${fixture.namespace}/configmaps/settings`);
    assert.deepEqual(live.data, { a: "2", b: "1" });
  });

  scenario("that an autoscaler owns are left alone", async () => {
    const scaled = await fixture.make(DEPLOYMENT, deployment("scaled", RUN));
    const path = `/apis/apps/v1/namespaces/${fixture.namespace}/deployments/scaled/scale`;
    const body = { spec: { replicas: 2 } };
    await fixture.api.request(path, { method: "PATCH", body, contentType: "application/merge-patch+json" });
    const changed = await fixture.update(scaled, deployment("scaled", `${RUN} # changed`));
    assert.equal(changed.outputs.spec.replicas, 2);
  });
});

suite("custom kinds", () => {
  scenario("are served once their definition is established", async () => {
    const group = `${fixture.namespace}.example.com`;
    await fixture.make("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", {
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural: "things", kind: "Thing" },
        versions: [
          {
            ...{ name: "v1", served: true, storage: true },
            schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
          },
        ],
      },
    });
    const thing = (size: number) => ({
      apiVersion: `${group}/v1`,
      kind: "Thing",
      metadata: { name: "t" },
      spec: { size },
    });
    const made = await fixture.make(`kubernetes:${group}/v1:Thing`, thing(1));
    assert.equal((await fixture.update(made, thing(2))).outputs.spec.size, 2);
  });
});
