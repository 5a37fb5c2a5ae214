import { checkWhole } from "../fields";
import type { RateLimitSpec } from "../policy-specs";
import type { Problems } from "../problems";

/**
 * How many requests each caller may make; what is over gets 429. Each replica of the gateway counts for itself.
 *
 * @example
 * const rateLimit: RateLimitArgs = { requests: 20, perSeconds: 60, by: "caller" };
 */
export interface RateLimitArgs {
  /** Requests in each period, 1 to 1000000; as many may come at once. */
  requests: number;
  /** Seconds of a period, 1 to 86400. @default 1 */
  perSeconds?: number;
  /**
   * Who is counted by itself: an `address` (of IPv6 its /64 network), a `caller` (the user or client that authentication found),
   * or `all` together. @default "address"
   */
  by?: "address" | "caller" | "all";
}

const BY = ["address", "caller", "all"];

/** `isAuthenticated`: whether callers are known where it holds. */
export function checkRateLimit(
  problems: Problems,
  at: string,
  { requests, perSeconds, by }: RateLimitArgs,
  isAuthenticated: boolean,
): void {
  checkWhole(problems, `${at}.requests`, requests, { min: 1, max: 1000000, unit: "requests" });
  checkWhole(problems, `${at}.perSeconds`, perSeconds, { min: 1, max: 86400, unit: "seconds" });
  if (by !== undefined && !BY.includes(by)) {
    problems.add(`${at}.by`, `must be one of ${BY.join(", ")}`, by, 'Write "address".');
  } else if (by === "caller" && !isAuthenticated) {
    const rule = "needs authentication: nothing is known of anonymous callers";
    problems.add(`${at}.by`, rule, by, 'Write "address".');
  }
}

export function rateLimitSpec(args: RateLimitArgs | undefined): RateLimitSpec | undefined {
  return args === undefined ? undefined : { perSeconds: 1, by: "address", ...args };
}
