/** A control plane with nodes that do not exist, for what only the API server, the controllers and the scheduler decide. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { lastLines, readIfPresent } from "../host";
import { step } from "../steps.js";
import { ask } from "./api";
import { ensureProgram } from "./build";
import { type Component, controlPlane } from "./components";
import { type Condition, isReady } from "./conditions";
import { executeWithInput } from "./execute-with-input";
import { contextName, serviceNetwork } from "./places";
import { ensureSecrets } from "./secrets";
import { waitUntil } from "./wait";

const address = "127.0.0.1";

export interface ControlPlane {
  /** Path of the kubeconfig, whose context is named as the cluster's. */
  kubeconfig: string;
  /** Ends its programs and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane on free ports, whose pods are Ready as soon as they have a node; it ends with this process.
 *
 * @example
 * const plane = await startControlPlane({ fakeNodes: 10 });
 * await measure(plane.kubeconfig);
 * await plane.stop();
 */
export async function startControlPlane({ fakeNodes }: { fakeNodes: number }): Promise<ControlPlane> {
  const programs = {
    supervisor: await ensureProgram("supervisor"),
    kubernetes: await ensureProgram("kubernetes"),
    kwok: await ensureProgram("kwok"),
  };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-control-plane-"));
  const [apiPort, etcdPort] = await freePorts(2);
  const secrets = path.join(folder, "secrets");
  await ensureSecrets(secrets, {
    server: `https://${address}:${apiPort}`,
    context: contextName,
    apiNames: [address, "localhost"],
  });
  const kubeconfig = path.join(secrets, "admin.kubeconfig");
  const layout = {
    program: programs.kubernetes,
    secrets,
    data: folder,
    address,
    apiPort: apiPort!,
    etcdPort: etcdPort!,
  };
  const components = [
    ...controlPlane({ ...layout, controllerManagerPort: 0, schedulerPort: 0, serviceNetwork }),
    kwok(programs.kwok, kubeconfig, `${address}:${apiPort}`),
  ];
  const plan = path.join(folder, "plan.json");
  fs.writeFileSync(plan, JSON.stringify({ private: [], logs: folder, components }));
  const log = fs.openSync(path.join(folder, "supervisor.log"), "a");
  const supervisor = spawn(programs.supervisor, ["attached", plan], { stdio: ["pipe", "ignore", log] });
  fs.closeSync(log);
  const stop = async () => {
    const ended = once(supervisor, "close");
    supervisor.stdin!.end();
    await ended;
    fs.rmSync(folder, { recursive: true });
  };
  try {
    await step(`Start a control plane with ${fakeNodes} nodes that do not exist`, async () => {
      const until = (condition: () => Promise<boolean>) => waitUntil(condition, "Its supervisor says:");
      await until(async () => (await ask(kubeconfig, "/readyz")) !== undefined);
      await addNodes(programs.kubernetes, kubeconfig, fakeNodes);
      await until(async () => readyNodes(await ask(kubeconfig, "/api/v1/nodes")) === fakeNodes);
    });
  } catch (error) {
    const told = lastLines(readIfPresent(path.join(folder, "supervisor.log")) ?? "");
    await stop();
    throw new Error(`${(error as Error).message}\n${told}`);
  }
  return { kubeconfig, stop };
}

function kwok(program: string, kubeconfig: string, api: string): Component {
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    "--manage-all-nodes=true",
    `--node-ip=${address}`,
    "--cidr=10.245.0.0/16",
    "--node-lease-duration-seconds=40",
    `--server-address=${address}:0`,
  ];
  const environment = [`PATH=${process.env.PATH}`, `HOME=${os.homedir()}`];
  return { name: "kwok", command: [program, ...flags], environment, after: [api] };
}

async function addNodes(kubernetes: string, kubeconfig: string, count: number): Promise<void> {
  const size = { cpu: "32", memory: "256Gi", pods: "250" };
  const items = Array.from({ length: count }, (_, index) => {
    const name = `fake-${index + 1}`;
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
      status: { allocatable: size, capacity: size },
    };
  });
  await executeWithInput(
    kubernetes,
    ["kubectl", `--kubeconfig=${kubeconfig}`, "create", "--filename=-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );
}

function readyNodes(text: string | undefined): number {
  const nodes: { status: { conditions?: Condition[] } }[] = JSON.parse(text ?? '{"items":[]}').items;
  return nodes.filter(({ status }) => isReady(status.conditions)).length;
}

/** Ports that nobody listens on at this moment, all held until the last is found so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, address);
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
