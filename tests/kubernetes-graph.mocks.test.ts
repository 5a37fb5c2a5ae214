/**
 * The whole shop on Kubernetes, as the objects that the program registers. It does not show that a cluster takes them:
 * the tests on a real cluster do.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { KubernetesPlatform, type KubernetesPlatformArgs } from "../components/platforms/kubernetes";
import { deployArchitecture } from "../infra/deploy";
import { parseArchitecture } from "../infra/parse-architecture";
import shop from "../stacks/shop";
import { names, Recorder, revealed, settled } from "./recorder";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const SECRET = "kubernetes:core/v1:Secret";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

const PUSHED: KubernetesPlatformArgs = {
  context: "staging",
  images: { push: "registry.example.com/shop", username: "robot", password: "push-password" },
};

async function deploy(args: KubernetesPlatformArgs): Promise<Recorder> {
  const recorder = new Recorder();
  const platform = new KubernetesPlatform("shop", args);
  const architecture = parseArchitecture(shop, "stacks/shop.ts");
  deployArchitecture(architecture, platform, 8080);
  await settled();
  return recorder;
}

interface Container {
  name: string;
  image: string;
  resources: { limits: Record<string, string>; requests: Record<string, string> };
  securityContext: Record<string, unknown>;
}

interface Pod {
  containers: Container[];
  initContainers?: Container[];
  volumes: { name: string; projected?: { sources: { configMap?: Named; secret?: Named }[] } }[];
  automountServiceAccountToken: boolean;
  serviceAccountName: string;
}

interface Named {
  name: string;
}

interface Controller {
  replicas?: number;
  selector: unknown;
  strategy?: unknown;
  minReadySeconds?: number;
  template: { metadata: { labels: Record<string, string> }; spec: Pod };
}

/** The controllers of all services, by name. */
function controllers(from: Recorder): Map<string, Controller> {
  const all = [DEPLOYMENT, STATEFUL_SET].flatMap((type) => [...from.byName(type)]);
  return new Map(all.map(([name, { spec }]) => [name, spec as Controller]));
}

function pods(from: Recorder): [string, Pod][] {
  return [...controllers(from)].map(([name, { template }]) => [name, template.spec]);
}

function containersOf({ initContainers = [], containers }: Pod): Container[] {
  return [...initContainers, ...containers];
}

let recorder: Recorder;

before(async () => {
  recorder = await deploy(PUSHED);
});

test("the shop is exactly this many objects of each kind", () => {
  const counts: Record<string, number> = {};
  for (const { type } of recorder.resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
  assert.deepEqual(counts, {
    "kubernetes:core/v1:Namespace": 1,
    // Redis keeps data; the registry, three services and the gateway keep none.
    "kubernetes:apps/v1:StatefulSet": 1,
    "kubernetes:core/v1:PersistentVolumeClaim": 1,
    "kubernetes:apps/v1:Deployment": 5,
    // Two for each workload, and the gateway's public one.
    "kubernetes:core/v1:Service": 13,
    "kubernetes:core/v1:ServiceAccount": 6,
    "kubernetes:policy/v1:PodDisruptionBudget": 6,
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": 1,
    // The certificates of etcd, its gate and its users; Envoy's bootstrap, and its routes, which are live.
    "kubernetes:core/v1:ConfigMap": 5,
    // Keys and passwords of etcd, its gate and its users; Redis's configuration, and its password for three services; the
    // image registry's credentials.
    "kubernetes:core/v1:Secret": 8,
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": 11,
  });
});

test("each workload is these containers, in the order of their start", () => {
  const parts = pods(recorder).map(([name, { initContainers = [], containers }]) => {
    return [name, [initContainers, containers].map((list) => list.map((one) => one.name))];
  });
  const caller = [["agent-forward"], ["main", "agent-register"]];
  assert.deepEqual(Object.fromEntries(parts), {
    registry: [[], ["main", "agent-gate"]],
    redis: [[], ["main", "agent-register"]],
    users: caller,
    orders: caller,
    payments: caller,
    edge: [
      ["agent-envoy", "agent-aggregate"],
      ["main", "agent-register"],
    ],
  });
});

test("every container would pass the level that its namespace enforces, and has its limits", () => {
  const { metadata } = recorder.one("kubernetes:core/v1:Namespace", "shop-namespace").inputs as {
    metadata: { name: string; labels: Record<string, string> };
  };
  assert.equal(metadata.name, "flotilla-shop-test");
  assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
  for (const [workload, pod] of pods(recorder)) {
    assert.equal(pod.automountServiceAccountToken, false, workload);
    assert.equal(pod.serviceAccountName, workload);
    // Redis's own image has its data folder belong to 999.
    for (const { name, securityContext, resources } of containersOf(pod)) {
      const user = workload === "redis" && name === "main" ? 999 : 65532;
      assert.deepEqual(
        securityContext,
        {
          runAsNonRoot: true,
          runAsUser: user,
          runAsGroup: user,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
        `${workload} ${name}`,
      );
      assert.equal(resources.limits.memory, resources.requests.memory, `${workload} ${name}`);
      assert.match(resources.limits.memory, /^[1-9]\d*Mi$/);
      assert.match(resources.limits.cpu, /^[1-9]\d*m$/);
    }
  }
});

test("an autoscaled service leaves its replicas to the policy, the others say theirs", () => {
  const replicas = [...controllers(recorder)].map(([name, spec]) => [name, spec.replicas]);
  assert.deepEqual(Object.fromEntries(replicas), {
    registry: 1,
    redis: 1,
    users: undefined,
    orders: 1,
    payments: 1,
    edge: 1,
  });
});

test("services roll without a gap; a registry and what owns data stop first", () => {
  const rolling = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const strategies = [...recorder.byName(DEPLOYMENT)].map(([name, { spec }]) => {
    return [name, (spec as Controller).strategy];
  });
  assert.deepEqual(Object.fromEntries(strategies), {
    registry: { type: "Recreate" },
    users: rolling,
    orders: rolling,
    payments: rolling,
    edge: rolling,
  });
  assert.deepEqual([...recorder.byName(STATEFUL_SET).keys()], ["redis"]);
  assert.deepEqual(
    recorder.all("kubernetes:core/v1:PersistentVolumeClaim").map(({ inputs }) => {
      return (inputs.metadata as Named).name;
    }),
    ["data-redis-0"],
  );
});

test("a gateway's new replica counts once the nodes lead to it", () => {
  const settled = [...recorder.byName(DEPLOYMENT)].map(([name, { spec }]) => {
    return [name, (spec as Controller).minReadySeconds];
  });
  assert.deepEqual(Object.fromEntries(settled), {
    registry: undefined,
    users: undefined,
    orders: undefined,
    payments: undefined,
    edge: 2,
  });
});

test("nobody may connect but the declared callers; the registry admits all workloads, the gateway anyone", () => {
  const edges = recorder.all(POLICY).map(({ inputs }) => {
    const { podSelector, ingress = [] } = inputs.spec as {
      podSelector: { matchLabels?: Record<string, string> };
      ingress?: {
        from?: { podSelector: { matchLabels?: Record<string, string> } }[];
        ports: { port: number }[];
      }[];
    };
    const to = podSelector.matchLabels?.["flotilla.dev/workload"] ?? "all";
    const rules = ingress.map(({ from, ports }) => {
      const who = from?.map((peer) => peer.podSelector.matchLabels?.["app.kubernetes.io/name"] ?? "all");
      return [who ?? "anyone", ports.map(({ port }) => port)];
    });
    return [(inputs.metadata as Named).name, to, ...rules.flat()];
  });
  assert.deepEqual(edges.sort(), [
    ["default-deny", "all"],
    ["edge-public", "edge", "anyone", [8080]],
    // Beside the called port, the one on which each replica tells whether it can serve.
    ["edge-to-orders", "orders", ["edge"], [8080, 15000]],
    ["edge-to-payments", "payments", ["edge"], [5000, 15000]],
    ["edge-to-users", "users", ["edge"], [8080, 15000]],
    ["orders-to-payments-grpc", "payments", ["orders"], [5001, 15000]],
    ["orders-to-redis", "redis", ["orders"], [6379, 15000]],
    ["orders-to-users", "users", ["orders"], [8080, 15000]],
    ["payments-to-redis", "redis", ["payments"], [6379, 15000]],
    ["registry-from-platform", "registry", ["all"], [2379, 15000]],
    ["users-to-redis", "redis", ["users"], [6379, 15000]],
  ]);
});

test("secrets stand in Secrets that the state encrypts, and nowhere else", () => {
  const passwords = ["redis-password", "admin-password", "registry-agent-password", "registry-root-password"];
  const secrets = [
    ...passwords.map((name) => `secret-of-${name}`),
    "key-of-registry-server-key",
    "key-of-signing-key",
    "push-password",
  ];
  const encoded = secrets.map((secret) => Buffer.from(secret).toString("base64"));
  for (const { type, name, inputs } of recorder.resources.filter(({ type }) =>
    type.startsWith("kubernetes:"),
  )) {
    const { data, ...visible } = inputs;
    for (const secret of [...secrets, ...encoded]) {
      assert.equal(JSON.stringify(visible).includes(secret), false, `${type} ${name} shows ${secret}`);
      const held = type === SECRET && revealed(data) !== undefined;
      assert(
        held || !JSON.stringify(data ?? "").includes(secret),
        `${type} ${name} shows ${secret} in its data`,
      );
    }
  }
  const held = JSON.stringify(recorder.all(SECRET).map(({ inputs }) => inputs.data));
  for (const secret of encoded.slice(0, 6)) {
    assert(held.includes(secret), `no Secret has ${Buffer.from(secret, "base64")}`);
  }
});

test("files are mounted from objects named by their content, which never change; live ones from constant names", () => {
  const objects = [...recorder.all(CONFIG_MAP), ...recorder.all(SECRET)];
  const fixed = new Map(
    objects.map(({ inputs }) => [(inputs.metadata as Named).name, inputs.immutable as boolean | undefined]),
  );
  const mounted = pods(recorder).flatMap(([, { volumes }]) =>
    volumes.flatMap(
      ({ projected }) => projected?.sources.map((source) => (source.configMap ?? source.secret)!.name) ?? [],
    ),
  );
  assert(mounted.length > 0);
  for (const name of mounted) {
    assert.equal(fixed.get(name), /-[0-9a-f]{12}$/.test(name) ? true : undefined, name);
  }
  assert.deepEqual(
    mounted.filter((name) => fixed.get(name) === undefined),
    ["edge-agent-envoy-live"],
  );
});

test("pods refer to pushed images by digest, pulled with the credentials that pushed them", () => {
  const images = Object.fromEntries(
    pods(recorder).flatMap(([workload, pod]) =>
      containersOf(pod).map(({ name, image }) => [`${workload} ${name}`, image]),
    ),
  );
  assert.equal(images["users main"], "registry.example.com/shop/users@sha256:digest-of-users-push");
  assert.equal(
    images["users agent-forward"],
    "registry.example.com/shop/shop-agent@sha256:digest-of-shop-agent-push",
  );
  const push = recorder.one("docker:index/registryImage:RegistryImage", "users-push").inputs;
  assert.match(push.name as string, /^registry\.example\.com\/shop\/users:/);
  assert.equal(push.keepRemotely, true);
  for (const { name, inputs } of recorder.all("kubernetes:core/v1:ServiceAccount")) {
    assert.deepEqual(inputs.imagePullSecrets, [{ name: "shop-images-pull" }], name);
  }
});

test("loaded images have hash tags, and are loaded before what says so is made", async () => {
  const recorder = await deploy({ context: "staging", images: { load: ["load-it"] } });
  const [[, pod]] = pods(recorder).filter(([name]) => name === "users");
  const [main] = pod.containers;
  assert.match(main.image, /^flotilla\.local\/flotilla-shop-test\/users:[0-9a-f]{16}$/);
  const loaded = recorder.one(CONFIG_MAP, "users-loaded");
  assert.deepEqual(loaded.beforeCreate, ["shop-load-image"]);
  assert.deepEqual(loaded.inputs.data, { reference: main.image, imageId: "id-of-users-image" });
  assert(names(recorder.one(DEPLOYMENT, "users").dependsOn).includes("users-loaded"));
  assert.deepEqual(recorder.all("docker:index/registryImage:RegistryImage"), []);
});
