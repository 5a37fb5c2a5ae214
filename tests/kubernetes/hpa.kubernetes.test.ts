/** The cluster's own autoscaler under real CPU load, and nobody who fights it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../end-to-end/client";
import { type ApiObject, KubernetesDriver } from "../end-to-end/kubernetes-driver";

const DEPLOYMENTS = "apis/apps/v1";
const AUTOSCALERS = "apis/autoscaling/v2";
/** At most so many requests are answered at once, each of which burns for 50 ms. */
const CONCURRENT = 4;
/** Where nothing answers there is nothing to load. */
const MOST_FAILURES = 20;

test("replicas follow the CPU load up and down, and an up in between leaves them alone", {
  timeout: 25 * 60_000,
}, async (t) => {
  const stack = new KubernetesDriver("hpa", { httpPort: 30196, registryKind: "native" });
  stack.architecture = "tests/kubernetes/burner.ts";
  after(() => stack.down());
  const one = async (path: string, kind: string): Promise<ApiObject> => {
    const found = await stack.list(path, kind);
    return found.find(({ metadata }) => metadata.name === "burner")!;
  };
  const deployment = () => one(DEPLOYMENTS, "deployments");
  const autoscaler = () => one(AUTOSCALERS, "horizontalpodautoscalers");
  const ready = async (): Promise<number> => (await deployment()).status.readyReplicas ?? 0;

  await t.test("the autoscaler measures the main container, and finds one replica enough", async () => {
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 0, output);
    const { spec } = await autoscaler();
    assert.deepEqual(spec.metrics, [
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "main",
          target: { type: "AverageValue", averageValue: "60m" },
        },
      },
    ]);
    const measures = ({ status }: ApiObject) =>
      status.currentMetrics?.[0]?.containerResource !== undefined && status.currentReplicas === 1;
    await until(180, autoscaler, measures);
  });

  const load = new Load(`${stack.url}/burn`);
  t.after(() => load.stop());

  await t.test("load makes it three", async () => {
    load.start();
    await until(240, ready, (count) => count === 3);
  });

  await t.test("an up in between changes nothing and sets no number", async () => {
    const before = await deployment();
    assert.equal(before.spec.replicas, 3);
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 0, output);
    assert.match(output, /\b0 changes\b/);
    const { spec, metadata } = await deployment();
    assert.deepEqual([spec.replicas, metadata.generation], [3, before.metadata.generation]);
  });

  await t.test("a changed service rolls, and keeps the autoscaler's number", async () => {
    const { exitCode, output } = await stack.up({ burner: { environment: { CHANGED: "yes" } } });
    assert.equal(exitCode, 0, output);
    const { spec } = await deployment();
    assert.equal(spec.replicas, 3);
    assert.deepEqual(spec.template.spec.containers.find(({ name }: ApiObject) => name === "main").env, [
      { name: "PORT", value: "8080" },
      { name: "CHANGED", value: "yes" },
    ]);
  });

  await t.test("without load it is one again", async () => {
    const { requests, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests >= 100, `only ${requests} requests were answered`);
    await until(300, ready, (count) => count === 1);
    assert.match((await stack.up({ burner: { environment: { CHANGED: "yes" } } })).output, /\b0 changes\b/);
    assert.equal((await deployment()).spec.replicas, 1);
  });

  await t.test("down leaves nothing", async () => {
    assert.equal((await stack.down()).exitCode, 0);
    assert.deepEqual(await stack.leftovers(), []);
  });
});

/** A fixed number of requests at once, the next one as soon as one is answered. */
class Load {
  private stopped = false;
  private requests = 0;
  private readonly failures: string[] = [];
  private senders: Promise<void>[] = [];

  constructor(private readonly url: string) {}

  start(): void {
    this.senders = Array.from({ length: CONCURRENT }, () => this.send());
  }

  async stop(): Promise<{ requests: number; failures: string[] }> {
    this.stopped = true;
    await Promise.all(this.senders);
    return { requests: this.requests, failures: this.failures };
  }

  private async send(): Promise<void> {
    while (!this.stopped && this.failures.length < MOST_FAILURES) {
      try {
        const answer = await fetch(this.url, { signal: AbortSignal.timeout(30_000) });
        await answer.text();
        this.requests += 1;
        if (answer.status !== 200) {
          this.failures.push(String(answer.status));
        }
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }
}
