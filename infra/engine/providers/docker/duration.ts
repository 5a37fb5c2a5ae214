/** Durations as Go writes them, e.g. `1m30s`: Docker counts in nanoseconds, the docker package in these texts. */

const SECOND = 1e9;
const UNITS: Record<string, number> = {
  h: 3600 * SECOND,
  m: 60 * SECOND,
  s: SECOND,
  ms: 1e6,
  us: 1e3,
  µs: 1e3,
  ns: 1,
};
const PART = /(\d+(?:\.\d+)?)(h|ms|m|us|µs|ns|s)/g;

/** Nanoseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const parts = [...text.matchAll(PART)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Math.round(Number(amount) * UNITS[unit]), 0);
}

/** As Go's own printing has it, which is what the docker plugin stores. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < SECOND) {
    const unit = ["ms", "us", "ns"].find((name) => nanoseconds >= UNITS[name]) as string;
    return `${nanoseconds / UNITS[unit]}${unit === "us" ? "µs" : unit}`;
  }
  const minutes = Math.floor(nanoseconds / UNITS.m);
  const hours = Math.floor(minutes / 60);
  const seconds = `${(nanoseconds % UNITS.m) / SECOND}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

export const refuseDuration = (text: string): string | undefined =>
  parseDuration(text) === undefined ? `must be a duration such as "5s" or "1m30s", got "${text}"` : undefined;
