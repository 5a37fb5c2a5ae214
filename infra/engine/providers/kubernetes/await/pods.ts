/** What keeps pods from working, in a sentence. */
import type { Properties } from "../../../provider";
import type { KeyOf } from "../watches";
import type { Awaiter } from "./awaiter";

const OWNER_OF_REPLICA_SETS = "Deployment";
/** Reasons to wait that are no trouble. */
const USUAL = ["ContainerCreating", "PodInitializing"];

/** Pods by who made them, e.g. `Deployment/users`; a ReplicaSet's name ends with the hash of its pods. */
export const byOwner: KeyOf = ({ metadata }) => {
  const owner = metadata.ownerReferences?.find(({ controller }: Properties) => controller);
  const hash = metadata.labels?.["pod-template-hash"];
  if (owner?.kind === "ReplicaSet" && hash && owner.name.endsWith(`-${hash}`)) {
    return `${OWNER_OF_REPLICA_SETS}/${owner.name.slice(0, -hash.length - 1)}`;
  }
  return owner ? `${owner.kind}/${owner.name}` : `Pod/${metadata.name}`;
};

/** The part of an awaiter that a workload's is. */
export const withPods = {
  hasPods: true,
  related: {
    apiVersion: "v1",
    kind: "Pod",
    keyOf: byOwner,
    key: ({ kind, metadata }: Properties) => `${kind}/${metadata.name}`,
  },
} satisfies Partial<Awaiter>;

export interface Trouble {
  message: string;
  /** Whose last log lines may tell more. */
  container?: string;
  /** Of the run before the present one. */
  previous?: boolean;
}

/** Why a pod does not work, if something is wrong with it. */
export function troubleOf(pod: Properties): Trouble | undefined {
  const { status = {} } = pod;
  const unscheduled = status.conditions?.find(
    ({ type, status: value }: Properties) => type === "PodScheduled" && value === "False",
  );
  if (unscheduled) return { message: `is not scheduled: ${unscheduled.message ?? unscheduled.reason}` };
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const trouble = containerTrouble(container);
    if (trouble) return trouble;
  }
  if (status.phase === "Failed")
    return { message: `failed: ${status.message ?? status.reason ?? "no reason"}` };
  return undefined;
}

function containerTrouble({
  name,
  state = {},
  lastState = {},
  ready,
  started,
}: Properties): Trouble | undefined {
  const { waiting, terminated, running } = state;
  if (waiting?.reason && !USUAL.includes(waiting.reason)) {
    const crashed = lastState.terminated;
    const why = crashed ? ended(crashed) : waiting.message;
    return {
      message: `container ${name}: ${waiting.reason}${why ? `: ${why}` : ""}`,
      ...(crashed ? { container: name, previous: true } : {}),
    };
  }
  if (terminated && terminated.exitCode !== 0) {
    return { message: `container ${name} ${ended(terminated)}`, container: name };
  }
  if (running && !ready && started) {
    return { message: `container ${name} runs and is not ready: its readiness probe fails`, container: name };
  }
  if (running && started === false) {
    return {
      message: `container ${name} runs and has not started: its startup probe fails`,
      container: name,
    };
  }
  return undefined;
}

function ended({ exitCode, reason, signal, message }: Properties): string {
  const how = signal ? `was ended by signal ${signal}` : `ended with exit code ${exitCode}`;
  const detail = [reason !== "Error" && reason, message?.trim()].filter(Boolean).join(": ");
  return detail ? `${how} (${detail})` : how;
}
