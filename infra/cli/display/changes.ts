/** What a preview shows of a resource's properties. */
import type { ChangeKind, EngineEvent, PropertyChange } from "../../engine/events";
import type { Style, Terminal } from "../terminal";
import { shortType } from "./format";
import { operations } from "./operations";

type Painter = Pick<Terminal, "style">;
export type FinishedStep = Extract<EngineEvent, { kind: "step-finished" }>;

const mostColumns = 120;

const signs: Record<ChangeKind, { sign: string; style: Style }> = {
  add: { sign: "+", style: "green" },
  delete: { sign: "-", style: "red" },
  update: { sign: "~", style: "yellow" },
  "add-replace": { sign: "+", style: "magenta" },
  "delete-replace": { sign: "-", style: "magenta" },
  "update-replace": { sign: "+-", style: "magenta" },
};

/**
 * The lines of one step: the resource, and its properties that change.
 *
 * @param all whether also the properties of what is made or deleted.
 */
export function formatStep(step: FinishedStep, painter: Painter, all: boolean): string[] {
  const { operation, type, name, changes, changedKeys } = step;
  const { sign, style } = operations[operation];
  const head = `${painter.style(style, sign.padStart(2))} ${shortType(type)} ${name}`;
  const isDifference = changes.some(({ kind }) => kind.startsWith("update")) || !isWhole(step);
  if (all || isDifference) {
    // An engine may know only which properties change.
    const keys = changes.length === 0 && changedKeys.length > 0 ? ` [${changedKeys.join(", ")}]` : "";
    return [head + keys, ...changes.map((change) => formatChange(change, painter))];
  }
  return [head];
}

/** Whether the step makes or deletes a resource as a whole. */
function isWhole({ operation }: FinishedStep): boolean {
  return !["update", "replace"].includes(operation);
}

/** @example formatChange({ path: "image", kind: "update", old: "a", new: "b" }, painter); // `      ~ image: "a" => "b"` */
export function formatChange(change: PropertyChange, painter: Painter): string {
  const { sign, style } = signs[change.kind];
  const values = ["old", "new"].flatMap((side) =>
    side in change ? [formatValue(change[side as "old"])] : [],
  );
  const why = change.kind.endsWith("-replace") ? "  (asks for a new one)" : "";
  return `     ${painter.style(style, sign.padStart(2))} ${change.path}: ${values.join(" => ")}${why}`;
}

/** JSON without quotes around what stands for a value. */
function formatValue(value: unknown): string {
  if (value === "[secret]" || value === "[unknown]") {
    return value;
  }
  const json = JSON.stringify(value) ?? "null";
  return json.length <= mostColumns ? json : `${json.slice(0, mostColumns - 1)}…`;
}
