/** How one kind of object is known to work. */
import type { Properties } from "../../../provider";
import type { Cluster } from "../cluster";
import type { KeyOf } from "../watches";

/** What is known while waiting. */
export interface Situation {
  live: Properties;
  /** Objects that belong to it, if its awaiter asks for some. */
  related: Properties[];
  /** What `facts` has found. */
  facts: Properties;
  /** Since the object was applied. */
  waitedMs: number;
}

export type Verdict =
  | { state: "ready" }
  /** `message` says what is missing; `againMs` asks for another look though nothing may change. */
  | { state: "waiting"; message: string; againMs?: number }
  /** No waiting can mend it. */
  | { state: "failed"; message: string };

export interface Awaiter {
  judge(situation: Situation): Verdict;
  /** Kind of the objects that belong to it, how they are found, and the key of its own. */
  related?: { apiVersion: string; kind: string; keyOf: KeyOf; key(live: Properties): string };
  /** Whether those objects are pods, whose troubles are told. */
  hasPods?: boolean;
  /** What has to be known once, beside the object. */
  facts?(cluster: Cluster, live: Properties, signal: AbortSignal): Promise<Properties>;
}

export const READY: Verdict = { state: "ready" };
export const waiting = (message: string): Verdict => ({ state: "waiting", message });
export const failed = (message: string): Verdict => ({ state: "failed", message });

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
}

export const condition = (live: Properties, type: string): Condition | undefined =>
  (live.status?.conditions ?? []).find((each: Condition) => each.type === type);

/** Whether the kind's controller has seen the object as it is now. */
export const isObserved = ({ metadata, status }: Properties): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
