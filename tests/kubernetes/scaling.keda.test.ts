/** KEDA itself moves replicas by our policies: by the length of a queue, by the time, and to none. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../end-to-end/client";
import { type ApiObject, KubernetesDriver } from "../end-to-end/kubernetes-driver";
import { startKeda, stopKeda } from "./keda";

const QUEUE_LIMIT_SECONDS = 180;

const stack = new KubernetesDriver("keda", { httpPort: 30197, registryKind: "native" });
stack.architecture = "tests/kubernetes/worked-off.ts";

before(startKeda, { timeout: 40 * 60_000 });

after(async () => {
  await stack.down();
  await stopKeda();
});

async function deployment(name: string): Promise<ApiObject> {
  const found = await stack.list("apis/apps/v1", "deployments");
  return found.find(({ metadata }) => metadata.name === name)!;
}

async function comesTo(name: string, replicas: number): Promise<void> {
  const now = async () => {
    const { spec, status } = await deployment(name);
    return [spec.replicas, status.readyReplicas ?? 0];
  };
  await until(QUEUE_LIMIT_SECONDS, now, ([wanted, ready]) => wanted === replicas && ready === replicas);
}

/** Asks Redis with the password that it was started with. */
async function redis(...command: string[]): Promise<string> {
  const [{ metadata }] = await stack.pods("redis");
  const script = `REDISCLI_AUTH=$(sed -n 's/^requirepass //p' /run/secrets/redis.conf) redis-cli ${command.join(" ")}`;
  const exec = ["exec", metadata.name, "--container", "main", "--", "sh", "-c", script];
  const { exitCode, output } = await stack.kubectl(...exec);
  assert.equal(exitCode, 0, output);
  return output.trim();
}

test("replicas follow a queue and a schedule, and nobody fights KEDA", {
  timeout: 20 * 60_000,
}, async (t) => {
  await t.test("an empty queue has no worker, and the hours have their two clerks", async () => {
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 0, output);
    await comesTo("worker", 0);
    await comesTo("clerk", 2);
  });

  await t.test("a backlog of eleven brings three workers, five for each", async () => {
    const jobs = Array.from({ length: 11 }, (_, index) => `job-${index}`);
    assert.equal(await redis("RPUSH", "jobs", ...jobs), "11");
    await comesTo("worker", 3);
  });

  await t.test("an up in between changes nothing and sets no number", async () => {
    const { output } = await stack.up();
    assert.match(output, /\b0 changes\b/);
    assert.equal((await deployment("worker")).spec.replicas, 3);
  });

  await t.test("when the queue is worked off, the workers go", async () => {
    assert.equal(await redis("DEL", "jobs"), "1");
    await comesTo("worker", 0);
  });

  await t.test("down leaves nothing, also of KEDA's objects", async () => {
    const { exitCode, output } = await stack.down();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await stack.leftovers(), []);
    for (const kind of ["scaledobjects", "triggerauthentications"]) {
      assert.deepEqual(await stack.list("apis/keda.sh/v1alpha1", kind), [], kind);
    }
  });
});
