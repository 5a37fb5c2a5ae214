/** The control group that the cluster's pods are in, apart from those of another kubelet. */
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { controlGroup } from "./places";

/** What the kubelet limits. */
const controllers = ["cpuset", "cpu", "io", "memory", "pids"];

const emptyTimeoutMilliseconds = 10_000;
const pollMilliseconds = 50;

export interface Hierarchy {
  folder: string;
  /** Whether it is of version 2, where a group's controllers are switched on by its parent. */
  isUnified: boolean;
}

/** The mounted hierarchies of control groups, from the text of `/proc/self/mounts`. */
export function hierarchies(mounts: string): Hierarchy[] {
  return mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , type]) => type === "cgroup" || type === "cgroup2")
    .map(([, folder, type]) => ({ folder: folder!, isUnified: type === "cgroup2" }));
}

/** Makes the group, which the kubelet wants to find. */
export function makeControlGroup(all = ofThisMachine()): void {
  const ofVersion1 = all.filter(({ isUnified }) => !isUnified);
  // A hierarchy of version 2 beside those of version 1 limits nothing.
  for (const { folder, isUnified } of ofVersion1.length > 0 ? ofVersion1 : all) {
    if (isUnified) {
      enableControllers(folder);
    }
    fs.mkdirSync(path.join(folder, controlGroup), { recursive: true });
  }
}

function enableControllers(folder: string): void {
  const present = fs.readFileSync(path.join(folder, "cgroup.controllers"), "utf8").trim().split(" ");
  const wanted = controllers.filter((name) => present.includes(name)).map((name) => `+${name}`);
  fs.writeFileSync(path.join(folder, "cgroup.subtree_control"), wanted.join(" "));
}

/** Removes the group with all groups below it, once their processes have gone. */
export async function removeControlGroup(all = ofThisMachine()): Promise<void> {
  const deadline = performance.now() + emptyTimeoutMilliseconds;
  for (const { folder } of all) {
    const group = path.join(folder, controlGroup);
    while (fs.existsSync(group) && !removeTree(group)) {
      if (performance.now() > deadline) {
        throw new Error(`The control group ${group} still has processes.`);
      }
      await pause(pollMilliseconds);
    }
  }
}

/** Whether a group and those below it could be removed: the kernel refuses while one has processes. */
function removeTree(group: string): boolean {
  const below = fs.readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const emptied = below.every(({ name }) => removeTree(path.join(group, name)));
  if (!emptied) {
    return false;
  }
  try {
    fs.rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EBUSY") {
      return false;
    }
    throw error;
  }
}

function ofThisMachine(): Hierarchy[] {
  return hierarchies(fs.readFileSync("/proc/self/mounts", "utf8"));
}
