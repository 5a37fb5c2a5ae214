/** The cluster of a machine that has no other: made by a tool that is there, else our own. */
import * as fs from "node:fs";
import { readIfPresent } from "../host";
import { withLock } from "../lock.js";
import { step } from "../steps.js";
import { ask } from "./api";
import { loadCommand as loadIntoOwn, obstacle, startOwnCluster, stopOwnCluster } from "./own-cluster";
import { places } from "./places";
import { type ClusterTool, clusterTools, startWithAny, stopWith } from "./tools";

export type Start = "started" | "ran already";

/** A cluster that can be used. */
export interface Cluster {
  start: Start;
  /** The tool that made it, `undefined` for our own. */
  tool?: string;
}

/** Returns once there is a cluster, made where there is none. */
export function startCluster(): Promise<Cluster> {
  return withLock(places().lock, async () => {
    const maker = recordedTool();
    if (maker !== undefined) {
      await requireAnswer(maker);
      return { start: "ran already", tool: maker.name };
    }
    const tool = fs.existsSync(places().state) ? undefined : await startWithAny();
    if (tool === undefined) {
      return { start: await startOwn() };
    }
    fs.writeFileSync(places().madeBy, tool.name);
    return { start: "started", tool: tool.name };
  });
}

/** Removes the cluster and everything that was made for it, except what it was built to. */
export function stopCluster(): Promise<void> {
  return withLock(places().lock, async () => {
    const tool = recordedTool();
    if (tool !== undefined) {
      await step(`Remove the cluster of ${tool.name}`, () => stopWith(tool));
      fs.rmSync(places().madeBy);
      return;
    }
    if (fs.existsSync(places().state)) {
      requireNoObstacle();
      await step("Remove the cluster", stopOwnCluster);
    }
  });
}

/**
 * The command that loads images into the cluster, as `docker save` writes them, from its standard input.
 *
 * @example loadCommand(); // ["ctr", "--address", "/run/flotilla-cluster/containerd.sock", …, "images", "import", "-"]
 */
export function loadCommand(): string[] {
  return recordedTool()?.load ?? loadIntoOwn();
}

async function startOwn(): Promise<Start> {
  requireNoObstacle();
  return startOwnCluster();
}

function requireNoObstacle(): void {
  const reason = obstacle();
  if (reason !== undefined) {
    throw new Error(reason);
  }
}

function recordedTool(): ClusterTool | undefined {
  const name = readIfPresent(places().madeBy);
  return clusterTools.find((tool) => tool.name === name);
}

async function requireAnswer({ name }: ClusterTool): Promise<void> {
  if ((await ask(places().kubeconfig, "/readyz")) === undefined) {
    throw new Error(
      `The cluster that ${name} has made does not answer. Run "npm run cluster:down", then "npm run cluster".`,
    );
  }
}
