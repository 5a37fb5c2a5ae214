/** Tools that bring a cluster up in containers, where a machine has one of them and the image of its node. */
import * as fs from "node:fs";
import { parse, stringify } from "yaml";
import { execute, findProgram } from "../host";
import { step } from "../steps.js";
import { contextName, places } from "./places";

/** Name of the cluster; each tool makes the names of its containers and its context from it. */
const clusterName = "flotilla";

export interface ClusterTool {
  name: string;
  start: string[];
  stop: string[];
  /** The command that loads the images of a `docker save` from its standard input. */
  load: string[];
}

function loadInContainer(container: string): string[] {
  return [
    "docker",
    "exec",
    "--interactive",
    container,
    "ctr",
    "--namespace",
    "k8s.io",
    "images",
    "import",
    "-",
  ];
}

/** The tools in the order in which they are tried. */
export const clusterTools: ClusterTool[] = [
  {
    name: "kind",
    start: ["create", "cluster", "--name", clusterName, "--wait", "120s"],
    stop: ["delete", "cluster", "--name", clusterName],
    load: loadInContainer(`${clusterName}-control-plane`),
  },
  {
    name: "k3d",
    start: ["cluster", "create", clusterName, "--wait", "--timeout", "120s"],
    stop: ["cluster", "delete", clusterName],
    load: loadInContainer(`k3d-${clusterName}-server-0`),
  },
  {
    name: "minikube",
    start: ["start", "--profile", clusterName, "--addons", "metrics-server", "--embed-certs"],
    stop: ["delete", "--profile", clusterName],
    load: ["minikube", "--profile", clusterName, "image", "load", "-"],
  },
];

/** The first tool of this machine that brings a cluster up; one that cannot have the image of its node does not. */
export async function startWithAny(): Promise<ClusterTool | undefined> {
  for (const tool of clusterTools.filter(({ name }) => findProgram(name) !== undefined)) {
    try {
      await step(`Start a cluster with ${tool.name}`, (report) => startWith(tool, report));
      return tool;
    } catch (error) {
      const reason = (error as Error).message.trim().split("\n").at(-1);
      console.error(`${tool.name} cannot bring a cluster up here (${reason}), so another way is taken.`);
    }
  }
  return undefined;
}

/** Brings a cluster up and names its context as ours is named; what a failed start has made is removed. */
async function startWith(tool: ClusterTool, report: (line: string) => void): Promise<void> {
  const { kubeconfig } = places();
  try {
    await run(tool, tool.start, report);
    fs.writeFileSync(kubeconfig, renameContext(fs.readFileSync(kubeconfig, "utf8")), { mode: 0o600 });
  } catch (error) {
    await stopWith(tool).catch(() => {});
    throw error;
  }
}

/** Removes the cluster of a tool. */
export async function stopWith(tool: ClusterTool): Promise<void> {
  await run(tool, tool.stop);
  fs.rmSync(places().kubeconfig, { force: true });
}

async function run(tool: ClusterTool, args: string[], report?: (line: string) => void): Promise<void> {
  const { folder, kubeconfig } = places();
  fs.mkdirSync(folder, { recursive: true });
  // All of them write to this file, and never to the user's own then.
  await execute(findProgram(tool.name)!, args, report, { KUBECONFIG: kubeconfig });
}

interface Kubeconfig {
  contexts: { name: string; context: object }[];
  "current-context": string;
}

/** Gives the current context of a kubeconfig the name that ours has. */
export function renameContext(text: string): string {
  const config: Kubeconfig = parse(text);
  const current = config["current-context"];
  const contexts = config.contexts.map((entry) =>
    entry.name === current ? { ...entry, name: contextName } : entry,
  );
  return stringify({ ...config, contexts, "current-context": contextName });
}
