import { checkWhole } from "../fields";
import type { Microservice } from "../microservice";
import type { AggregateSpec } from "../policy-specs";
import { member, type Problems } from "../problems";

/** One part of an aggregated endpoint's answer: what a service answers to a `GET` in the name of the caller. */
export interface AggregatePartArgs {
  /** The service, or its name; it speaks http. */
  to: Microservice | string;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Path at the service, with its query where it has one: `/users/me`. */
  path: string;
}

/**
 * An endpoint that joins what several services answer: `{"user": {…}, "orders": […], "unavailable": ["payments"]}`. All are asked
 * at once, with the caller's token and everything else that the caller sent, and the route's `timeoutSeconds` is the deadline
 * for the whole. A part that does not come as 2xx with JSON in time is named in `unavailable`; without any part the answer is
 * 503. A part is asked whatever its own route asks of callers: guard the endpoint as its parts.
 *
 * @example
 * const route: RouteArgs = {
 *   exactPath: "/overview",
 *   aggregate: { parts: { user: { to: "users", path: "/users/me" }, orders: { to: "orders", path: "/orders" } } },
 *   timeoutSeconds: 5,
 * };
 */
export interface AggregateArgs {
  /** The parts, 1 to 16, by the name that each has in the answer. */
  parts: Record<string, AggregatePartArgs>;
  /** Most MiB of the whole answer, 1 to 16; parts that do not fit are missing. @default 1 */
  maxSizeMiB?: number;
}

const DEFAULT_SIZE_MIB = 1;
const MOST_PARTS = 16;

/** Stands in the answer beside the parts. */
const UNAVAILABLE = "unavailable";
const PART = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const PATH = /^\/[!-"$-~]*$/;

/** Methods of an aggregated endpoint: it only reads. */
export const AGGREGATE_METHODS = ["GET", "HEAD"];

/** Records everything that is wrong with an aggregated endpoint. */
export function checkAggregate(problems: Problems, at: string, { parts, maxSizeMiB }: AggregateArgs): void {
  const names = Object.keys(parts);
  if (names.length === 0 || names.length > MOST_PARTS) {
    const fix = 'Write { user: { to: "users", path: "/users/me" } }.';
    problems.add(`${at}.parts`, `must be 1 to ${MOST_PARTS}`, names, fix);
  }
  checkWhole(problems, `${at}.maxSizeMiB`, maxSizeMiB, { min: 1, max: 16, unit: "MiB" });
  for (const [name, { path }] of Object.entries(parts)) {
    const place = member(`${at}.parts`, name);
    if (name === UNAVAILABLE || !PART.test(name)) {
      const rule = `must be at most 64 letters, digits, "_" and "-", starting with a letter, and not "${UNAVAILABLE}"`;
      problems.add(place, rule, name, 'Write one like "user".');
    }
    if (!PATH.test(path)) {
      const fix = `Write "/${encodeURI(path).replace(/^\/+|#.*$/g, "")}".`;
      problems.add(`${place}.path`, 'must start with "/" and have no blanks or "#"', path, fix);
    }
  }
}

/** With every default filled in. */
export function aggregateSpec(aggregate: AggregateArgs | undefined): AggregateSpec | undefined {
  if (aggregate === undefined) {
    return undefined;
  }
  const parts = Object.entries(aggregate.parts).map(([name, { to, port, path }]) => {
    return { name, service: typeof to === "string" ? to : to.serviceName, port, path };
  });
  return { parts, maxSizeMiB: aggregate.maxSizeMiB ?? DEFAULT_SIZE_MIB };
}
