/** How each operation of an engine is called and counted. */
import type { Operation } from "../../engine/events";
import type { Style } from "../terminal";

interface Wording {
  sign: string;
  style: Style;
  /** Of a step that runs. */
  doing: string;
  /** Of a step that is done. */
  done: string;
  /** Of a step that a preview foresees. */
  toDo: string;
  /** Whether it counts as a change of the stack. */
  change: boolean;
}

const unchanged = { sign: " ", style: "dim", change: false } as const;

export const operations: Record<Operation, Wording> = {
  create: { sign: "+", style: "green", doing: "creating", done: "created", toDo: "to create", change: true },
  update: { sign: "~", style: "yellow", doing: "updating", done: "updated", toDo: "to update", change: true },
  replace: {
    sign: "+-",
    style: "magenta",
    doing: "replacing",
    done: "replaced",
    toDo: "to replace",
    change: true,
  },
  delete: { sign: "-", style: "red", doing: "deleting", done: "deleted", toDo: "to delete", change: true },
  "delete-replaced": {
    sign: "-",
    style: "red",
    doing: "deleting the replaced",
    done: "old deleted",
    toDo: "old to delete",
    change: true,
  },
  import: {
    sign: "=",
    style: "green",
    doing: "importing",
    done: "imported",
    toDo: "to import",
    change: true,
  },
  retain: {
    sign: "-",
    style: "cyan",
    doing: "letting go of",
    done: "kept on the target",
    toDo: "to keep on the target",
    change: true,
  },
  same: { ...unchanged, doing: "checking", done: "unchanged", toDo: "unchanged" },
  read: { ...unchanged, doing: "reading", done: "read", toDo: "to read" },
  refresh: { ...unchanged, doing: "refreshing", done: "refreshed", toDo: "to refresh" },
  discard: { ...unchanged, doing: "discarding", done: "discarded", toDo: "to discard" },
};

/** Whether steps are done, or only foreseen by a preview. */
export type Tense = "done" | "toDo";

export type Counts = Partial<Record<Operation, number>>;

/** How many changes a run made, or would make. */
export function countChanges(counts: Counts): number {
  return entries(counts).reduce((sum, [name, count]) => sum + (operations[name].change ? count : 0), 0);
}

/** @example summarize({ create: 2, same: 7 }, "done"); // "2 created, 7 unchanged" */
export function summarize(counts: Counts, tense: Tense): string {
  const parts = entries(counts).map(([name, count]) => `${count} ${operations[name][tense]}`);
  return [...(countChanges(counts) === 0 ? ["0 changes"] : []), ...parts].join(", ");
}

function entries(counts: Counts): [Operation, number][] {
  const names = Object.keys(operations) as Operation[];
  return names.flatMap((name) => (counts[name] ? [[name, counts[name]] as [Operation, number]] : []));
}
