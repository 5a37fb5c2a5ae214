import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import { Api } from "./api";
import { ApiError, Unreachable } from "./errors";
import { clusterAccess } from "./kubeconfig";
import { FakeApi } from "./testing/fake-api";
import { Watches } from "./watches";

const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
const LIST = "/api/v1/namespaces/shop/configmaps";

let server: FakeApi;
let api: Api;
before(async () => {
  server = await FakeApi.start();
  api = new Api(clusterAccess({ kubeconfig: server.kubeconfig() }));
});
after(() => server.stop());
beforeEach(async () => {
  await until(() => server.watches() === 0); // those of the test before linger
  server.requests.length = 0;
  server.objects.clear();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const entry = (name: string) => ({ metadata: { name, namespace: "shop" } });

suite("requests", () => {
  test("are repeated while the server has too much to do, and say its reason when it refuses", async () => {
    server.refusals.push({ status: 429, body: {} }, { status: 403, body: { message: "you may not" } });
    await assert.rejects(api.request("/api/v1"), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.status, error.message], [403, "you may not"]);
      return true;
    });
    assert.deepEqual(server.requests, ["GET /api/v1", "GET /api/v1"]);
  });

  test("end with the signal", async () => {
    const stop = AbortSignal.abort();
    await assert.rejects(api.request("/api/v1", { signal: stop }), { name: "AbortError" });
  });

  test("that nobody answers say where", async () => {
    const gone = await FakeApi.start();
    const access = clusterAccess({ kubeconfig: gone.kubeconfig() });
    gone.stop();
    await assert.rejects(new Api(access).request("/api/v1", { method: "POST" }), (error) => {
      assert.ok(error instanceof Unreachable);
      assert.equal(
        error.message,
        `No Kubernetes API server answers at ${access.server} (context "fake" of the provider's kubeconfig): ECONNREFUSED. Is the cluster running?`,
      );
      return true;
    });
  });
});

suite("views", () => {
  const changed = (view: ReturnType<Watches["open"]>, key: string) =>
    new Promise<void>((resolve) => {
      const stop = view.subscribe(key, () => {
        stop();
        resolve();
      });
    });

  test("follow what comes, changes and goes, and share one watch", async () => {
    server.put(`${LIST}/a`, entry("a"));
    const watches = new Watches(api);
    const view = watches.open(CONFIG_MAPS, "shop");
    assert.equal(watches.open(CONFIG_MAPS, "shop"), view);
    await view.ready;
    assert.equal(view.of("a").length, 1);
    const came = changed(view, "b");
    server.put(`${LIST}/b`, entry("b"));
    await came;
    const went = changed(view, "a");
    server.remove(`${LIST}/a`);
    await went;
    assert.deepEqual([view.of("a").length, view.of("b").length], [0, 1]);
    assert.deepEqual(server.requests, [`GET ${LIST}`, `WATCH ${LIST}`]);
    await until(() => server.watches() === 1);
    view.close();
    view.close();
  });

  test("begin anew when the server has forgotten their version", async () => {
    const view = new Watches(api).open(CONFIG_MAPS, "shop");
    await view.ready;
    const listedAgain = changed(view, "late");
    await until(() => server.watches() === 1);
    server.refusals.push({ status: 410, body: { message: "too old" } });
    server.endWatches(`${LIST}/late`, entry("late"));
    await listedAgain;
    assert.equal(view.of("late").length, 1);
    const listed = server.requests.filter((request) => request === `GET ${LIST}`);
    assert.equal(listed.length, 2);
    await until(() => server.watches() === 1);
    view.close();
  });

  test("that may not be read say so", async () => {
    server.refusals.push({ status: 403, body: { message: "cannot list" } });
    await assert.rejects(new Watches(api).open(CONFIG_MAPS, "shop").ready, { message: "cannot list" });
  });

  test("without users end their watch", async () => {
    const view = new Watches(api).open(CONFIG_MAPS, "shop");
    await view.ready;
    await until(() => server.watches() === 1);
    view.close();
    await until(() => server.watches() === 0);
  });
});
