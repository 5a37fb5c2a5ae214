import type { Outputs } from "../../engine/events";
import { formatTable } from "../display/format";

/** What stands for a secret where it is not asked for. */
export const masked = "[secret]";

/** One line for each output, for people. */
export function formatOutputs(outputs: Outputs): string[] {
  return formatTable(
    Object.entries(outputs).map(([name, { value, secret }]) => [
      name,
      secret ? masked : typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** One JSON object, for programs. */
export function outputsAsJson(outputs: Outputs, showSecrets: boolean): string {
  const values = Object.entries(outputs).map(([name, { value, secret }]) => [
    name,
    secret && !showSecrets ? masked : value,
  ]);
  return JSON.stringify(Object.fromEntries(values), null, 2);
}
