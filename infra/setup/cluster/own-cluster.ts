/** The cluster that is built here: a Kubernetes of one node on this machine itself. */
import * as fs from "node:fs";
import * as path from "node:path";
import { isRoot, readIfPresent } from "../host";
import { describeListener, isListenedOn } from "../listeners";
import { step } from "../steps.js";
import { ensureProgram, removeOtherBuilds } from "./build";
import { type Component, controlPlane, type NodeLayout, node } from "./components";
import { makeControlGroup, removeControlGroup } from "./control-groups";
import { prepareNetwork, restoreNetwork } from "./host-network";
import { ensureHostPrograms } from "./host-programs";
import { nameServers, podResolvConf } from "./name-servers";
import { nodeConfig } from "./node-config";
import { pauseImageName } from "./pause-image";
import {
  apiServiceAddress,
  contextName,
  nodeAddress,
  nodeName,
  places,
  ports,
  serviceNetwork,
} from "./places";
import { awaitReady, type Programs } from "./readiness";
import { ensureSecrets } from "./secrets";
import { DetachedSupervisor } from "./supervisor";
import { within } from "./wait";

export { loadCommand } from "./readiness";

/** Folders that containerd, the kubelet and the network plugins write to whatever they are told. */
const privateFolders = ["/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"];

/** What only one program of the machine can listen on. */
const usedPorts = [...Object.values(ports), 10249, 10256, 10257, 10259];

const portPatienceMilliseconds = 5000;

/** Why there can be no cluster of our own here, `undefined` where there can. */
export function obstacle(): string | undefined {
  if (process.platform !== "linux") {
    return "A cluster of our own needs Linux: install kind, k3d or minikube.";
  }
  return isRoot()
    ? undefined
    : "A cluster of our own needs root: run this as root, or install kind, k3d or minikube.";
}

/** Starts the cluster and returns once it can be used; says whether it ran already. */
export async function startOwnCluster(): Promise<"started" | "ran already"> {
  const supervisor = new DetachedSupervisor(places().run);
  const programs = await ensurePrograms();
  const wanted = [programs.kubernetes, programs.supervisor];
  const running = supervisor.running;
  if (running !== undefined && running.join() !== wanted.join()) {
    throw new Error(
      'The cluster that runs was made by another version. Run "npm run cluster:down", then "npm run cluster".',
    );
  }
  if (running !== undefined && fs.existsSync(readyMark())) {
    return "ran already";
  }
  if (running === undefined) {
    await refuseUsedPorts();
    removeOtherBuilds(wanted);
    await step("Prepare the machine's network and control groups", prepareMachine);
    await startPrograms(supervisor, programs);
  }
  await awaitReady(supervisor, programs);
  fs.writeFileSync(readyMark(), "");
  return "started";
}

/** A file that is there once the cluster has been ready; its supervisor sees to it that it is so again. */
function readyMark(): string {
  return path.join(places().run, "ready");
}

/** Ends the cluster and removes everything that it has made, but not what it was built to. */
export async function stopOwnCluster(): Promise<void> {
  const { run, state, kubeconfig, kubectl } = places();
  await new DetachedSupervisor(run).stop();
  await removeControlGroup();
  await restoreNetwork(networkRecord());
  for (const folder of privateFolders) {
    removeIfEmpty(folder);
  }
  for (const made of [run, state, kubeconfig, kubectl]) {
    fs.rmSync(made, { recursive: true, force: true });
  }
}

async function ensurePrograms(): Promise<Programs> {
  const host = await ensureHostPrograms();
  return {
    ...host,
    supervisor: await ensureProgram("supervisor"),
    kubernetes: await ensureProgram("kubernetes"),
  };
}

/** A program of a cluster that was killed just now may hold its port for another moment. */
async function refuseUsedPorts(): Promise<void> {
  let used: number | undefined;
  const areFree = () => {
    used = usedPorts.find(isListenedOn);
    return used === undefined;
  };
  if (!(await within(portPatienceMilliseconds, areFree))) {
    throw new Error(portRefusal(used!, describeListener(used!)));
  }
}

/** Why there can be no cluster beside a program that listens on one of its ports. */
export function portRefusal(port: number, holder: string): string {
  return port === ports.kubelet
    ? `Another kubelet runs on this machine: ${holder} listens on port ${port}. Two would remove each other's pods: use ` +
        "its cluster by its kubeconfig, or stop it first."
    : `${holder} listens on port ${port}, which the cluster needs: stop it first.`;
}

async function prepareMachine(): Promise<void> {
  makeControlGroup();
  await prepareNetwork(networkRecord());
}

/** What the machine's settings were before the cluster came. */
function networkRecord(): string {
  return path.join(places().state, "kernel-settings.json");
}

async function startPrograms(supervisor: DetachedSupervisor, programs: Programs): Promise<void> {
  const at = places();
  await ensureSecrets(at.secrets, {
    server: `https://${nodeAddress}:${ports.api}`,
    context: contextName,
    apiNames: [
      ...[
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
      ],
      ...["localhost", apiServiceAddress, nodeAddress],
    ],
    node: { name: nodeName, address: nodeAddress },
  });
  writeFiles(
    at.config,
    nodeConfig(at, {
      plugins: programs.plugins,
      pauseImage: pauseImageName(programs.supervisor),
      podResolvConf: podResolvConf(),
      nameServers: nameServers(readIfPresent("/etc/resolv.conf") ?? ""),
    }),
  );
  const plan = { private: privateFolders, logs: at.logs, components: components(programs) };
  supervisor.start(programs.supervisor, plan, [programs.kubernetes, programs.supervisor]);
  fs.copyFileSync(path.join(at.secrets, "admin.kubeconfig"), at.kubeconfig);
  fs.rmSync(at.kubectl, { force: true });
  fs.symlinkSync(programs.kubernetes, at.kubectl);
}

function components(programs: Programs): Component[] {
  const at = places();
  const layout: NodeLayout = {
    program: programs.kubernetes,
    containerd: programs.containerd,
    containerdSocket: at.containerd,
    secrets: at.secrets,
    config: at.config,
    data: at.data,
    address: nodeAddress,
    nodeName,
    apiPort: ports.api,
    etcdPort: ports.etcd,
    metricsPort: ports.metrics,
    controllerManagerPort: 10257,
    schedulerPort: 10259,
    serviceNetwork,
    environment: Object.entries(process.env)
      .filter(([name]) => /^(https?|no)_proxy$/i.test(name))
      .map(([name, value]) => `${name}=${value}`),
  };
  return [...controlPlane(layout), ...node(layout)];
}

function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
}

/** A folder that the cluster's namespace needed to be there; one that was there before has something in it. */
function removeIfEmpty(folder: string): void {
  if (fs.existsSync(folder) && fs.readdirSync(folder).length === 0) {
    fs.rmdirSync(folder);
  }
}
