/** The cluster's own autoscaler by requests per second, as an adapter of metrics tells them. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../end-to-end/client";
import { KubernetesDriver } from "../end-to-end/kubernetes-driver";
import { type MetricsAdapter, startMetricsAdapter } from "./metrics-adapter";

const LIMIT_SECONDS = 180;

test("replicas follow the requests per second, where the cluster serves that metric of pods", {
  timeout: 15 * 60_000,
}, async (t) => {
  const stack = new KubernetesDriver("custom-metrics", { httpPort: 30194, registryKind: "native" });
  stack.architecture = "tests/kubernetes/requested.ts";
  let adapter: MetricsAdapter | undefined;
  after(async () => {
    await stack.down();
    await adapter?.stop();
  });
  const deployment = async () => {
    const found = await stack.list("apis/apps/v1", "deployments");
    return found.find(({ metadata }) => metadata.name === "asked")!;
  };
  const comesTo = (replicas: number) =>
    until(
      LIMIT_SECONDS,
      async () => (await deployment()).status.readyReplicas,
      (ready) => ready === replicas,
    );
  let requestsPerSecond = 4;

  await t.test("a cluster that serves no such metric is refused, and nothing is made there", async () => {
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 1, output);
    assert.match(
      output,
      /AutoscalingPolicy "asked": requestsPerSecond needs the metric http_requests_per_second of the pods, but the cluster serves no custom\.metrics\.k8s\.io\. Install a metrics adapter/,
    );
    const made = await stack.leftovers();
    assert.deepEqual(
      made.filter((name) => !name.startsWith("image ")),
      [],
    );
  });

  await t.test("with an adapter one replica is enough for four requests a second", async () => {
    adapter = await startMetricsAdapter(async (namespace) => {
      assert.equal(namespace, stack.namespace);
      const pods = await stack.pods("asked");
      return new Map(pods.map(({ metadata }) => [metadata.name, requestsPerSecond / pods.length]));
    });
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 0, output);
    const [autoscaler] = await stack.list("apis/autoscaling/v2", "horizontalpodautoscalers");
    assert.deepEqual(autoscaler!.spec.metrics, [
      {
        type: "Pods",
        pods: {
          metric: { name: "http_requests_per_second" },
          target: { type: "AverageValue", averageValue: "10" },
        },
      },
    ]);
    await until(
      LIMIT_SECONDS,
      async () => adapter!.selectors,
      (asked) => asked.size > 0,
    );
    assert.deepEqual([...adapter.selectors], ["flotilla.dev/workload=asked"]);
    await comesTo(1);
  });

  await t.test("twenty-five bring three, ten for each", async () => {
    requestsPerSecond = 25;
    await comesTo(3);
  });

  await t.test("an up in between changes nothing and sets no number", async () => {
    assert.match((await stack.up()).output, /\b0 changes\b/);
    assert.equal((await deployment()).spec.replicas, 3);
  });

  await t.test("when they are four again, one is left", async () => {
    requestsPerSecond = 4;
    await comesTo(1);
  });

  await t.test("down leaves nothing", async () => {
    const { exitCode, output } = await stack.down();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await stack.leftovers(), []);
  });
});
