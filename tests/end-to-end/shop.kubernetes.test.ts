/** The shop in a real cluster: the story of every target, and what only Kubernetes has. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { isReady } from "../../infra/setup/cluster/conditions";
import { Customer, SteadyLoad, until } from "./client";
import { type ApiObject, KubernetesDriver } from "./kubernetes-driver";
import { shopGoes, shopStory } from "./shop-suite";

const LEAST_REQUESTS = 20_000;
const TWO_USERS = { users: { replicas: { min: 2, max: 2 } } };

const named = (objects: ApiObject[]) => objects.map(({ metadata }) => metadata.name).sort();

test("the shop on Kubernetes", { timeout: 30 * 60_000 }, async (t) => {
  const shop = new KubernetesDriver("e2e-kube", { httpPort: 30180, registryKind: "native" });
  after(() => shop.down());

  await shopStory(t, shop);

  await t.test("the namespace is restricted, and the cluster refuses what is less", async () => {
    const { metadata } = await shop.api.request(`/api/v1/namespaces/${shop.namespace}`);
    for (const mode of ["enforce", "warn", "audit"]) {
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted", mode);
    }
    const loose = { metadata: { name: "loose" }, spec: { containers: [{ name: "main", image: "any:1" }] } };
    const pods = `/api/v1/namespaces/${shop.namespace}/pods`;
    await assert.rejects(
      shop.api.request(pods, { method: "POST", query: { dryRun: "All" }, body: loose }),
      /violates PodSecurity "restricted/,
    );
    const running = await shop.list("api/v1", "pods");
    assert.ok(running.length >= 6, `only ${running.length} pods run`);
    for (const { metadata: pod, spec } of running) {
      assert.equal(spec.automountServiceAccountToken, false, pod.name);
    }
  });

  await t.test("who may connect to whom is what the description says, and nothing else", async () => {
    const policies = await shop.list("apis/networking.k8s.io/v1", "networkpolicies");
    assert.deepEqual(named(policies), [
      "default-deny",
      "edge-public",
      "edge-to-orders",
      "edge-to-payments",
      "edge-to-users",
      "orders-to-payments-grpc",
      "orders-to-redis",
      "orders-to-users",
      "payments-to-redis",
      "users-to-redis",
    ]);
    const toUsers = policies.find(({ metadata }) => metadata.name === "orders-to-users")!.spec;
    assert.deepEqual(toUsers, {
      podSelector: { matchLabels: { "flotilla.dev/workload": "users" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "orders" } } }],
          ports: [8080, 15000].map((port) => ({ protocol: "TCP", port })),
        },
      ],
    });
    const deny = policies.find(({ metadata }) => metadata.name === "default-deny")!.spec;
    assert.deepEqual(deny, { podSelector: {}, policyTypes: ["Ingress"] });
  });

  await t.test(`two rolling updates lose none of ${LEAST_REQUESTS} requests`, async () => {
    const customer = await Customer.register(shop.url);
    const load = new SteadyLoad(() => customer.get("/users/me"), 200, {
      perSecond: 300,
      most: LEAST_REQUESTS,
    });
    for (const version of ["3", "4"]) {
      const old = named(await shop.pods("users"));
      const { exitCode, output } = await shop.up({ users: { ...TWO_USERS.users, metadata: { version } } });
      assert.equal(exitCode, 0, output);
      const pods = named(await shop.pods("users"));
      assert.equal(pods.length, 2);
      assert.deepEqual(
        pods.filter((name) => old.includes(name)),
        [],
      );
    }
    const { requests, failures } = await load.finish();
    assert.deepEqual(failures, []);
    assert.equal(requests, LEAST_REQUESTS);
  });

  await t.test("a drained node takes one replica of a pair at a time, and no request is lost", async () => {
    const pair = await shop.pods("users");
    assert.equal(pair.length, 2);
    const customer = await Customer.register(shop.url);
    const load = new SteadyLoad(() => customer.get("/users/unknown"), 404, {
      perSecond: 20,
      most: 4000,
    });
    await evict(shop, pair[0]);
    await assert.rejects(evict(shop, pair[1]), /disruption budget/);
    const evictable = () =>
      evict(shop, pair[1]).then(
        () => true,
        (error: Error) => {
          assert.match(error.message, /disruption budget/);
          return false;
        },
      );
    await until(90, evictable, (evicted) => evicted);
    const old = named(pair);
    const isReplaced = (pods: ApiObject[]) =>
      pods.length === 2 &&
      named(pods).every((name) => !old.includes(name)) &&
      pods.every(({ status }) => isReady(status.conditions));
    await until(90, () => shop.pods("users"), isReplaced);
    assert.deepEqual((await load.stop()).failures, []);
  });

  await t.test(
    "the exported manifests are those that are applied, as the API server itself says",
    async () => {
      const exported = await shop.command("export", "kubernetes", "--show-secrets");
      assert.equal(exported.exitCode, 0, exported.output);
      const apply = [
        "apply",
        "--dry-run=server",
        "--server-side",
        "--field-manager=export",
        "--force-conflicts",
      ];
      const dryRun = await shop.kubectlWithInput(exported.output, ...apply, "--filename", "-");
      assert.equal(dryRun.exitCode, 0, dryRun.output);
      assert.doesNotMatch(dryRun.output, /Warning/);
      assert.match(dryRun.output, /^deployment\.apps\/users serverside-applied \(server dry run\)$/m);
      const hidden = await shop.command("export", "kubernetes");
      assert.doesNotMatch(hidden.output, /^kind: Secret$/m);
      assert.match(hidden.output, /^# Left out, as it holds secrets \(--show-secrets\): Secret /m);
    },
  );

  await shopGoes(t, shop);
});

for (const registryKind of ["etcd", "consul", "zookeeper"]) {
  test(`the shop on Kubernetes with ${registryKind}`, { timeout: 10 * 60_000 }, async () => {
    const shop = new KubernetesDriver(`e2e-kube-${registryKind}`, { httpPort: 30181, registryKind });
    after(() => shop.down());
    const { exitCode, output } = await shop.up();
    assert.equal(exitCode, 0, output);
    const customer = await Customer.register(shop.url);
    const order = await customer.order([{ sku: "tea", quantity: 2, unitPrice: 3.5 }]);
    assert.equal(order.status, 201, JSON.stringify(order.body));
    assert.equal((await shop.instances("orders", "users")).length, 1);
    const again = await shop.up();
    assert.match(again.output, /\b0 changes\b/, again.output);
    const down = await shop.down();
    assert.equal(down.exitCode, 0, down.output);
    assert.deepEqual(await shop.leftovers(), []);
  });
}

/** As `kubectl drain` does for each pod of a node, but at once: our own client would wait and try again. */
async function evict(shop: KubernetesDriver, { metadata }: ApiObject): Promise<void> {
  const eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: metadata.name, namespace: shop.namespace },
  };
  const path = `/api/v1/namespaces/${shop.namespace}/pods/${metadata.name}/eviction`;
  const { exitCode, output } = await shop.kubectlWithInput(
    JSON.stringify(eviction),
    ...["create", "--raw", path, "--filename", "-"],
  );
  if (exitCode !== 0) {
    throw new Error(output);
  }
}
