import { checkWhole } from "../fields";
import type { LimitsSpec } from "../policy-specs";
import type { Problems } from "../problems";

/** What one replica of the gateway takes of clients that send much, slowly, or nothing. */
export interface LimitsArgs {
  /** Open connections at once, 1 to 1000000; further ones are closed. @default 10000 */
  maxConnections?: number;
  /** KiB of all headers of a request together, 1 to 8192; more gets 431. @default 60 */
  maxHeaderKiB?: number;
  /** Headers of a request, 1 to 10000; more gets 431. @default 100 */
  maxHeaders?: number;
  /** Requests at once on one HTTP/2 connection, 1 to 10000. @default 100 */
  maxStreams?: number;
  /** Seconds to send the headers, 1 to 3600; then 408. @default 10 */
  headersTimeoutSeconds?: number;
  /** Seconds to send a whole request until the answer begins, 1 to 86400; then 408. @default 300 */
  requestTimeoutSeconds?: number;
  /** Seconds in which nothing happens on a request or a connection, 1 to 86400. @default 300 */
  idleTimeoutSeconds?: number;
}

const RANGES: Record<keyof LimitsArgs, { min: number; max: number; unit: string; usual: number }> = {
  maxConnections: { min: 1, max: 1000000, unit: "connections", usual: 10000 },
  maxHeaderKiB: { min: 1, max: 8192, unit: "KiB", usual: 60 },
  maxHeaders: { min: 1, max: 10000, unit: "headers", usual: 100 },
  maxStreams: { min: 1, max: 10000, unit: "requests", usual: 100 },
  headersTimeoutSeconds: { min: 1, max: 3600, unit: "seconds", usual: 10 },
  requestTimeoutSeconds: { min: 1, max: 86400, unit: "seconds", usual: 300 },
  idleTimeoutSeconds: { min: 1, max: 86400, unit: "seconds", usual: 300 },
};

const FIELDS = Object.keys(RANGES) as (keyof LimitsArgs)[];

export function checkLimits(problems: Problems, at: string, args: LimitsArgs): void {
  for (const field of FIELDS) {
    checkWhole(problems, `${at}.${field}`, args[field], RANGES[field]);
  }
}

/** With every default filled in. */
export function limitsSpec(args: LimitsArgs = {}): LimitsSpec {
  return Object.fromEntries(
    FIELDS.map((field) => [field, args[field] ?? RANGES[field].usual]),
  ) as unknown as LimitsSpec;
}
