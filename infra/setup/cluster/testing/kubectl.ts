/** What tests of the cluster share. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { execute } from "../../host";
import { executeWithInput } from "../execute-with-input";
import { places } from "../places";

const patienceMilliseconds = 120_000;
const pollMilliseconds = 100;

/** Runs `kubectl` against the cluster and returns what it prints. */
export function kubectl(...args: string[]): Promise<string> {
  return execute(places().kubectl, [`--kubeconfig=${places().kubeconfig}`, ...args]);
}

/** Makes objects, or makes them as given. */
export function apply(...items: object[]): Promise<string> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const args = [`--kubeconfig=${places().kubeconfig}`, "apply", "--filename=-"];
  return executeWithInput(places().kubectl, args, list);
}

/** Pipes an image of the Docker daemon into a command that loads it. */
export function loadImage(reference: string, command: string[]): void {
  const [program, ...args] = command;
  const { stdout } = spawnSync("docker", ["save", reference], { maxBuffer: 2 ** 31 });
  const { status, stderr } = spawnSync(program!, args, { input: stdout, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(stderr);
  }
}

/** Returns the first answer that there is one. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = performance.now() + patienceMilliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`It has not come to it in ${patienceMilliseconds / 1000} s: ${what}.`);
    }
    await pause(pollMilliseconds);
  }
}

/** The process id of the cluster's supervisor. */
export function supervisorProcess(): number {
  return JSON.parse(fs.readFileSync(`${places().run}/supervisor.json`, "utf8")).pid;
}

/** The process id of a program of the cluster, `undefined` while it does not run. */
export function programProcess(name: string): number | undefined {
  const threads = `/proc/${supervisorProcess()}/task`;
  const children = fs.readdirSync(threads).flatMap((thread) => childrenOf(`${threads}/${thread}/children`));
  return children.find((pid) => argumentsOf(pid)[1] === name);
}

/** Linux counts the children of each thread apart. */
function childrenOf(file: string): number[] {
  return fs.readFileSync(file, "utf8").trim().split(" ").map(Number);
}

function argumentsOf(pid: number): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
