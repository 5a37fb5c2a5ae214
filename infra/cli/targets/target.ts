/** What the command line asks of the place where a stack runs, beside what the engine does there. */
import type { Duplex } from "node:stream";
import type { Context } from "../context";
import type { Finding } from "../doctor/finding";
import type { Stdio } from "../stdio";

/** One container of the stack. */
export interface Part {
  id: string;
  /** Name on the target. */
  name: string;
  workload: string;
  /** What tells the replicas of a workload apart; undefined for a container that belongs to none. */
  replica?: string;
  /** What it is in the replica: `main`, or the name of a sidecar or task. */
  role: string;
  /** In the target's words: `healthy`, `exited (1)` and so on. */
  state: string;
  /** What the state means: `done` has ended well, `stopped` neither runs nor failed. */
  condition: "fine" | "starting" | "failing" | "done" | "stopped";
  /** Undefined before the first start. */
  startedAt?: Date;
  /** Where it can be reached from outside, e.g. `127.0.0.1:8080`. */
  ports: string[];
  /** What the latest failed probe printed. */
  probeOutput?: string;
}

export interface LogLine {
  /** RFC 3339 with nanoseconds, of constant width: sorts as text. */
  at: string;
  text: string;
}

export interface PersistentVolume {
  name: string;
  /** Whose data it holds, e.g. `redis/1 data`. */
  purpose: string;
}

export interface FollowOptions {
  /** Lines of the past to begin with, for each container. */
  lines: number;
  signal: AbortSignal;
  /** Which containers are of interest. */
  wanted(part: Part): boolean;
  onLine(part: Part, line: LogLine): void;
}

/** What of one stack is on its target. */
export interface StackOnTarget {
  /** Every container that was ever started, sorted by workload, replica and role. */
  parts(): Promise<Part[]>;
  /** The last lines of one container, oldest first. */
  readLog(part: Part, lines: number): Promise<LogLine[]>;
  /** Tells every line until aborted, also of containers that start or restart later. */
  follow(options: FollowOptions): Promise<void>;
  /** Runs a command in a running container, with these streams; its exit code. */
  exec(part: Part, command: string[], stdio: Stdio): Promise<number>;
  /** Joins a connection with a port of a container's replica, until either side is done; rejects where nobody answers. */
  forward(part: Part, port: number, client: Duplex): Promise<void>;
  /** The volumes that outlive a replica. */
  persistentVolumes(): Promise<PersistentVolume[]>;
  /** Removes those that an earlier `down --keep-data` left, which no state knows any more. */
  removePersistentVolumes(): Promise<void>;
  /** What is left when everything should be gone, e.g. `"container users-1-main"`; `keptData`: beside its data. */
  leftovers(keptData: boolean): Promise<string[]>;
}

/** The stack that a command works on, with the target's own settings, not yet checked. */
export interface TargetStack {
  /** `<project>/<stack>`. */
  label: string;
  settings: Record<string, unknown>;
  /** Undefined where it cannot be told before the program runs. */
  registryKind: string | undefined;
}

export interface Target {
  /** As a sentence has it, e.g. `"Docker"`. */
  readonly name: string;
  /** Why nobody gets into its containers from here, and what to do instead; undefined where `exec` and `forward` do. */
  readonly unreachable?: string;
  /** Makes ready what a preview needs. */
  prepare(context: Context, stack: TargetStack): Promise<void>;
  /** Throws when it is known beforehand that an `up` would fail. */
  checkBeforeUp(context: Context, stack: TargetStack): Promise<void>;
  /** Looks for what an `up` needs there, and says what to do about what is missing. */
  diagnose(context: Context, stack: TargetStack): Promise<Finding[]>;
  /** What a user should know after an `up`, beside the outputs. */
  warnings(context: Context): string[];
  open(context: Context, stack: TargetStack): Promise<StackOnTarget>;
}

/** @example placeOf(part); // "users/1" */
export function placeOf({ workload, replica }: Part): string {
  return replica === undefined ? workload : `${workload}/${replica}`;
}

/** Orders parts by workload, replica and role. */
export function byPlace(a: Part, b: Part): number {
  return (
    a.workload.localeCompare(b.workload) ||
    (a.replica ?? "").localeCompare(b.replica ?? "", "en", { numeric: true }) ||
    a.role.localeCompare(b.role)
  );
}
