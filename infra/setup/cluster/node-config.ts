/** The configuration files of a node's programs, by name. */
import * as path from "node:path";
import {
  controlGroup,
  dnsServiceAddress,
  nodeAddress,
  nodeName,
  type places,
  podBridge,
  podNetwork,
  ports,
} from "./places";

/** What the files depend on beside the places. */
export interface NodeSettings {
  /** Folder of the network plugins. */
  plugins: string;
  /** The image that holds a pod together. */
  pauseImage: string;
  /** The machine's own `resolv.conf` without servers on its loopback device, which a pod does not have. */
  podResolvConf: string;
  /** The machine's servers of names, where it has any. */
  nameServers: string[];
}

/** Makes the files that go into the folder `config`. */
export function nodeConfig(at: ReturnType<typeof places>, settings: NodeSettings): Record<string, string> {
  return {
    "containerd.toml": containerdConfig(at, settings),
    "cni/10-flotilla.conflist": json(networkConfig(at)),
    "kubelet.json": json(kubeletConfig(at)),
    "kube-proxy.json": json(proxyConfig(at)),
    "resolv.conf": settings.podResolvConf,
    Corefile: corefile(at, settings),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function containerdConfig(at: ReturnType<typeof places>, { plugins, pauseImage }: NodeSettings): string {
  const text = JSON.stringify;
  const unused = ["aufs", "btrfs", "devmapper", "zfs"].map((name) => `io.containerd.snapshotter.v1.${name}`);
  return `version = 2
root = ${text(path.join(at.data, "containerd"))}
state = ${text(path.join(at.run, "containerd"))}
disabled_plugins = ${text([...unused, "io.containerd.internal.v1.opt"])}
[grpc]
  address = ${text(at.containerd)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  # Its default profile would stay in the kernel.
  disable_apparmor = true
  # Without CAP_SYS_RESOURCE, as in many containers, a lower score than one's own cannot be set.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(plugins)}
    conf_dir = ${text(path.join(at.config, "cni"))}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;
}

function networkConfig(at: ReturnType<typeof places>) {
  const ipam = {
    type: "host-local",
    dataDir: path.join(at.run, "addresses"),
    ranges: [[{ subnet: podNetwork }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  return {
    cniVersion: "0.4.0",
    name: "flotilla",
    // Traffic to the outside is masqueraded by one rule of ours: the plugin would make a chain per pod.
    plugins: [{ type: "bridge", bridge: podBridge, isGateway: true, ipMasq: false, hairpinMode: true, ipam }],
  };
}

function kubeletConfig(at: ReturnType<typeof places>) {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: nodeAddress,
    port: ports.kubelet,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: path.join(at.secrets, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: path.join(at.secrets, "kubelet.crt"),
    tlsPrivateKeyFile: path.join(at.secrets, "kubelet.key"),
    containerRuntimeEndpoint: `unix://${at.containerd}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${controlGroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [dnsServiceAddress],
    clusterDomain: "cluster.local",
    resolvConf: path.join(at.config, "resolv.conf"),
    podLogsDir: path.join(at.data, "pod-logs"),
    volumePluginDir: path.join(at.data, "volume-plugins"),
    maxPods: 250,
    serializeImagePulls: false,
    registryPullQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    nodeStatusUpdateFrequency: "5s",
    // How fast a changed ConfigMap reaches a running pod.
    syncFrequency: "10s",
    // Images that were loaded by hand cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // Whether an image may be used is asked by its content: one that was loaded would need the password of its like that was
    // pulled, and be pulled by a name that no registry has. There are no tenants here to keep images from each other.
    imagePullCredentialsVerificationPolicy: "NeverVerify",
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1%",
    },
  };
}

function proxyConfig(at: ReturnType<typeof places>) {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: path.join(at.secrets, "kube-proxy.kubeconfig") },
    mode: "iptables",
    clusterCIDR: podNetwork,
    hostnameOverride: nodeName,
    // Node ports are for this machine only.
    nodePortAddresses: ["127.0.0.0/8", `${nodeAddress}/32`],
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    iptables: { localhostNodePorts: true, minSyncPeriod: "0s" },
    // Zero leaves the machine's own settings as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}

function corefile(at: ReturnType<typeof places>, { nameServers }: NodeSettings): string {
  const forward = nameServers.length > 0 ? [`forward . ${nameServers.join(" ")}`] : [];
  const lines = [
    `bind ${nodeAddress}`,
    "errors",
    `ready 127.0.0.1:${ports.dnsReady}`,
    "kubernetes cluster.local in-addr.arpa {",
    `  kubeconfig ${path.join(at.secrets, "admin.kubeconfig")}`,
    "  pods insecure",
    "  fallthrough in-addr.arpa",
    "  ttl 5",
    "}",
    "cache 5",
    ...forward,
  ];
  return `.:${ports.dns} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}
