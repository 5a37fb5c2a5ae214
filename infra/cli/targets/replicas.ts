/** The table that `ps` shows. */
import { formatDuration, formatTable } from "../display/format";
import { type Part, placeOf } from "./target";

/** One line for each replica, under a header. */
export function formatReplicas(parts: Part[], now: Date): string[] {
  const replicas = new Map<string, Part[]>();
  for (const part of parts) {
    const place = placeOf(part);
    replicas.set(place, [...(replicas.get(place) ?? []), part]);
  }
  const rows = [...replicas.values()].map((replica) => {
    const lasting = replica.filter(({ condition }) => condition !== "done");
    const ready = lasting.filter(({ condition }) => condition === "fine");
    const { workload, replica: name } = replica[0]!;
    return [
      workload,
      name ?? "-",
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
  const waiting =
    lasting.find(({ condition }) => condition === "failing" || condition === "stopped") ??
    lasting.find(({ condition }) => condition === "starting");
  if (waiting !== undefined) {
    return `${waiting.state}: ${waiting.role}`;
  }
  return lasting.some(({ state }) => state === "healthy") ? "healthy" : "running";
}

/** Of the main container, as a sidecar may be younger after a crash of its own. */
function uptime(lasting: Part[], now: Date): string {
  const { startedAt } = lasting.find(({ role }) => role === "main") ?? lasting[0] ?? {};
  return startedAt === undefined ? "-" : formatDuration(now.getTime() - startedAt.getTime());
}
