/** The table that `ps` shows. */
import { formatDuration, formatTable } from "../display/format";
import { placeOf } from "./logs";
import type { Part } from "./stack-on-docker";

/** Never started: it only carries files into a volume. */
const isWriter = (part: Part) => part.state === "created" && part.startedAt === undefined;

/** Did what it was for: an init container, or a task. */
const isDone = (part: Part) => part.state === "exited (0)";

const fine = ["healthy", "running"];

/** One line for each replica, under a header. */
export function formatReplicas(parts: Part[], now: Date): string[] {
  const replicas = new Map<string, Part[]>();
  for (const part of parts.filter((each) => !isWriter(each))) {
    const place = placeOf(part);
    replicas.set(place, [...(replicas.get(place) ?? []), part]);
  }
  const rows = [...replicas.values()].map((replica) => {
    const lasting = replica.filter((part) => !isDone(part));
    const ready = lasting.filter(({ state }) => fine.includes(state));
    const { workload, replica: number } = replica[0]!;
    return [
      workload,
      number === undefined ? "-" : String(number),
      lasting.length === 0 ? "0" : `${ready.length}/${lasting.length}`,
      describeReplica(lasting),
      uptime(lasting, now),
      [...new Set(replica.flatMap(({ ports }) => ports))].join(", ") || "-",
    ];
  });
  return formatTable([["WORKLOAD", "REPLICA", "READY", "STATE", "UPTIME", "PORTS"], ...rows]);
}

/** The state of the first container that is not fine, with its role; else that of the whole. */
function describeReplica(lasting: Part[]): string {
  if (lasting.length === 0) {
    return "done";
  }
  const troubled = lasting.find(({ state }) => !fine.includes(state) && state !== "starting");
  const waiting = troubled ?? lasting.find(({ state }) => !fine.includes(state));
  if (waiting !== undefined) {
    return `${waiting.state}: ${waiting.role}`;
  }
  return lasting.some(({ state }) => state === "healthy") ? "healthy" : "running";
}

const up = [...fine, "starting", "unhealthy"];

/** Of the main container, as a sidecar may be younger after a crash of its own. */
function uptime(lasting: Part[], now: Date): string {
  const { startedAt, state } = lasting.find(({ role }) => role === "main") ?? lasting[0] ?? {};
  return startedAt === undefined || state === undefined || !up.includes(state)
    ? "-"
    : formatDuration(now.getTime() - startedAt.getTime());
}
