import type { ResourceLimits } from "../../../container-spec";

/** The container whose use counts: what runs beside it has its own limits. */
export const MEASURED_CONTAINER = "main";

/** CPU that a percentage of the limit is, the same on every target whatever share of it is reserved. */
export function cpuShare({ cpuMillicores }: ResourceLimits, percent: number): string {
  return `${Math.max(1, Math.round((cpuMillicores * percent) / 100))}m`;
}

/** Memory that a percentage of the limit is. */
export function memoryShare({ memoryMiB }: ResourceLimits, percent: number): string {
  return `${Math.round((memoryMiB * 1024 * percent) / 100)}Ki`;
}
