import assert from "node:assert/strict";
import { test } from "node:test";
import { addons } from "./addons";
import { controlPlane, node } from "./components";
import { nodeConfig } from "./node-config";
import { portRefusal } from "./own-cluster";
import { places } from "./places";

const layout = {
  program: "/kubernetes",
  secrets: "/secrets",
  data: "/data",
  config: "/config",
  address: "10.250.0.1",
  apiPort: 6443,
  etcdPort: 23790,
  controllerManagerPort: 10257,
  schedulerPort: 10259,
  metricsPort: 10443,
  serviceNetwork: "10.96.0.0/16",
  containerd: "/usr/bin/containerd",
  containerdSocket: "/run/containerd.sock",
  nodeName: "flotilla",
  environment: ["HTTPS_PROXY=http://proxy:3128"],
};
const components = [...controlPlane(layout), ...node(layout)];

test("Each program waits for what it cannot start without", () => {
  const after = Object.fromEntries(components.map((component) => [component.name, component.after]));
  const api = "10.250.0.1:6443";
  assert.deepEqual(after, {
    etcd: [],
    "kube-apiserver": ["127.0.0.1:23790"],
    "kube-controller-manager": [api],
    "kube-scheduler": [api],
    containerd: [],
    kubelet: [api, "/run/containerd.sock"],
    "kube-proxy": [api],
    dns: [api],
    "metrics-server": [api],
    provisioner: [api],
  });
});

test("Proxies are for the one program that fetches from elsewhere", () => {
  const proxied = components.filter(({ environment }) => environment.some((line) => line.includes("PROXY")));
  assert.deepEqual(
    proxied.map(({ name }) => name),
    ["containerd"],
  );
});

const settings = {
  plugins: "/usr/lib/cni",
  pauseImage: "flotilla.local/pause:1",
  podResolvConf: "",
  nameServers: [],
};

test("The kubelet shows changed files soon, keeps loaded images, and has its pods in a group of their own", () => {
  const kubelet = JSON.parse(nodeConfig(places(), settings)["kubelet.json"]!);
  assert.equal(kubelet.syncFrequency, "10s");
  assert.equal(kubelet.imageGCHighThresholdPercent, 100);
  assert.equal(kubelet.imagePullCredentialsVerificationPolicy, "NeverVerify");
  assert.equal(kubelet.cgroupRoot, "/flotilla-cluster");
  assert.equal(kubelet.authentication.anonymous.enabled, false);
});

test("Node ports are for this machine only", () => {
  const proxy = JSON.parse(nodeConfig(places(), settings)["kube-proxy.json"]!);
  assert.deepEqual(proxy.nodePortAddresses, ["127.0.0.0/8", "10.250.0.1/32"]);
});

test("DNS asks the machine's servers, and nobody where it has none", () => {
  assert.doesNotMatch(nodeConfig(places(), settings).Corefile!, /forward/);
  const corefile = nodeConfig(places(), { ...settings, nameServers: ["127.0.0.53", "10.0.0.2"] }).Corefile!;
  assert.match(corefile, /^ {2}forward \. 127\.0\.0\.53 10\.0\.0\.2$/m);
});

test("Containers are the cluster's own: another containerd of the machine is out of the way", () => {
  const config = nodeConfig(places(), settings)["containerd.toml"]!;
  assert.match(config, /^ {2}address = "\/run\/flotilla-cluster\/containerd\.sock"$/m);
  assert.match(config, /^state = "\/run\/flotilla-cluster\/containerd"$/m);
});

test("What runs beside the kubelet is known as Services at the node's address", () => {
  const { items } = addons("authority") as { items: { kind: string; metadata: { name: string } }[] };
  assert.deepEqual(
    items.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    [
      "Service kube-dns",
      "EndpointSlice kube-dns",
      "Service metrics-server",
      "EndpointSlice metrics-server",
      "APIService v1beta1.metrics.k8s.io",
      "StorageClass local",
    ],
  );
});

test("A port that is taken is refused by name; the kubelet's means another kubelet", () => {
  assert.equal(
    portRefusal(10250, '"k3s-server" (process 7)'),
    'Another kubelet runs on this machine: "k3s-server" (process 7) listens on port 10250. Two would remove each other\'s ' +
      "pods: use its cluster by its kubeconfig, or stop it first.",
  );
  assert.equal(
    portRefusal(6443, '"nginx" (process 8)'),
    '"nginx" (process 8) listens on port 6443, which the cluster needs: stop it first.',
  );
});
