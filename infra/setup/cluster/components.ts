/** The programs of a cluster and their arguments. */
import * as path from "node:path";

/** A program that the supervisor keeps running, in the form in which it reads it. */
export interface Component {
  name: string;
  command: string[];
  /** All that the program gets, as `NAME=value`. */
  environment: string[];
  /** What must answer before it is started: the path of a socket, or `HOST:PORT`. */
  after: string[];
}

/** What the control plane needs to know. */
export interface ControlPlaneLayout {
  /** The binary that is every program of Kubernetes. */
  program: string;
  secrets: string;
  data: string;
  /** Address and port of the API. */
  address: string;
  apiPort: number;
  etcdPort: number;
  /** Ports that only their own programs' health is asked on; 0 opens none. */
  controllerManagerPort: number;
  schedulerPort: number;
  serviceNetwork: string;
}

/** What else a node needs to know. */
export interface NodeLayout extends ControlPlaneLayout {
  containerd: string;
  containerdSocket: string;
  config: string;
  nodeName: string;
  metricsPort: number;
  /** Proxies and the like, as `NAME=value`, for the one program that fetches from elsewhere. */
  environment: string[];
}

const systemPath = `PATH=${["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(":")}`;

/** Those of Kubernetes get no proxies from the environment: all that they talk to is on this machine. */
const plainEnvironment = [systemPath, "HOME=/nonexistent"];

/** The store, the API server, the controllers and the scheduler. */
export function controlPlane(layout: ControlPlaneLayout): Component[] {
  const { program, secrets, data, address, apiPort, etcdPort } = layout;
  const secret = (name: string) => path.join(secrets, name);
  const etcd = `127.0.0.1:${etcdPort}`;
  const api = `${address}:${apiPort}`;
  const component = (name: string, after: string[], options: Options): Component => ({
    name,
    command: [program, name, ...flags(options)],
    environment: plainEnvironment,
    after,
  });
  const access = (name: string) => ({
    kubeconfig: secret(`${name}.kubeconfig`),
    "leader-elect": false,
    "bind-address": "127.0.0.1",
    "kube-api-qps": 200,
    "kube-api-burst": 400,
  });
  return [
    component("etcd", [], { "data-dir": path.join(data, "etcd"), "listen-client-url": `http://${etcd}` }),
    component("kube-apiserver", [etcd], {
      "etcd-servers": `http://${etcd}`,
      "bind-address": address,
      "advertise-address": address,
      "secure-port": apiPort,
      "service-cluster-ip-range": layout.serviceNetwork,
      "allow-privileged": true,
      "authorization-mode": "Node,RBAC",
      "enable-admission-plugins": "NodeRestriction",
      "client-ca-file": secret("ca.crt"),
      "tls-cert-file": secret("apiserver.crt"),
      "tls-private-key-file": secret("apiserver.key"),
      "kubelet-client-certificate": secret("kubelet-client.crt"),
      "kubelet-client-key": secret("kubelet-client.key"),
      "kubelet-certificate-authority": secret("ca.crt"),
      "kubelet-preferred-address-types": "InternalIP",
      "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
      "service-account-key-file": secret("service-accounts.pub"),
      "service-account-signing-key-file": secret("service-accounts.key"),
      ...frontProxy(secrets),
      "proxy-client-cert-file": secret("front-proxy.crt"),
      "proxy-client-key-file": secret("front-proxy.key"),
      // Asks metrics-server by its endpoint: no pod and no rule of kube-proxy is on the way.
      "enable-aggregator-routing": true,
      profiling: false,
    }),
    component("kube-controller-manager", [api], {
      ...access("kube-controller-manager"),
      "secure-port": layout.controllerManagerPort,
      "use-service-account-credentials": true,
      "root-ca-file": secret("ca.crt"),
      "service-account-private-key-file": secret("service-accounts.key"),
      "cluster-signing-cert-file": secret("ca.crt"),
      "cluster-signing-key-file": secret("ca.key"),
      "flex-volume-plugin-dir": path.join(data, "volume-plugins"),
      // Quick enough to watch: the defaults are 15 s, 30 s, 5 min and 5 min.
      "horizontal-pod-autoscaler-sync-period": "5s",
      "horizontal-pod-autoscaler-initial-readiness-delay": "5s",
      "horizontal-pod-autoscaler-cpu-initialization-period": "10s",
      "horizontal-pod-autoscaler-downscale-stabilization": "30s",
    }),
    component("kube-scheduler", [api], {
      ...access("kube-scheduler"),
      "secure-port": layout.schedulerPort,
    }),
  ];
}

/** Whom a server of metrics believes that the API server asks for someone else. */
function frontProxy(secrets: string): Options {
  return {
    "requestheader-client-ca-file": path.join(secrets, "front-proxy-ca.crt"),
    "requestheader-allowed-names": "front-proxy",
    "requestheader-username-headers": "X-Remote-User",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
  };
}

/**
 * What runs the pods, and what a cluster has as pods elsewhere: DNS, the metrics and the maker of volumes. As programs of
 * the machine they are there sooner and need no images; root's they are anyway, so they use the kubeconfig of the admin.
 */
export function node(layout: NodeLayout): Component[] {
  const { program, config, secrets, data, address, containerdSocket } = layout;
  const api = `${address}:${layout.apiPort}`;
  const kubeconfig = (name: string) => path.join(secrets, `${name}.kubeconfig`);
  const component = (name: string, after: string[], args: string[]): Component => ({
    name,
    command: [program, name, ...args],
    environment: plainEnvironment,
    after,
  });
  return [
    {
      name: "containerd",
      command: [layout.containerd, "--config", path.join(config, "containerd.toml")],
      environment: [systemPath, ...layout.environment],
      after: [],
    },
    component(
      "kubelet",
      [api, containerdSocket],
      flags({
        config: path.join(config, "kubelet.json"),
        kubeconfig: kubeconfig("kubelet"),
        "hostname-override": layout.nodeName,
        "node-ip": address,
        "root-dir": path.join(data, "kubelet"),
        "cert-dir": path.join(data, "kubelet-certificates"),
      }),
    ),
    component("kube-proxy", [api], flags({ config: path.join(config, "kube-proxy.json") })),
    component("dns", [api], ["-conf", path.join(config, "Corefile")]),
    component(
      "metrics-server",
      [api],
      flags({
        kubeconfig: kubeconfig("admin"),
        "authentication-kubeconfig": kubeconfig("admin"),
        "authorization-kubeconfig": kubeconfig("admin"),
        // Said here, since a new API server does not know its own for some seconds.
        "authentication-skip-lookup": true,
        "client-ca-file": path.join(secrets, "ca.crt"),
        ...frontProxy(secrets),
        "bind-address": address,
        "secure-port": layout.metricsPort,
        "tls-cert-file": path.join(secrets, "metrics-server.crt"),
        "tls-private-key-file": path.join(secrets, "metrics-server.key"),
      }),
    ),
    component(
      "provisioner",
      [api],
      flags({
        kubeconfig: kubeconfig("admin"),
        folder: path.join(data, "volumes"),
        node: layout.nodeName,
      }),
    ),
  ];
}

type Options = Record<string, string | number | boolean>;

function flags(options: Options): string[] {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}
