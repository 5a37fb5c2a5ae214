import { checkWhole } from "../fields";
import type { UpstreamSpec } from "../policy-specs";
import { member, type Problems } from "../problems";

/** How the gateway treats the instances of one service. */
export interface UpstreamArgs {
  /** Seconds to connect to an instance, 1 to 60. @default 1 */
  connectTimeoutSeconds?: number;
  /** Connections to the service at once, 1 to 1000000; further requests get 503 at once. @default 1024 */
  maxConnections?: number;
  /** Requests that wait for a connection, 1 to 1000000; further ones get 503 at once. @default 1024 */
  maxPendingRequests?: number;
  /** Requests at once, 1 to 1000000; further ones get 503 at once. @default 1024 */
  maxRequests?: number;
  /** Tries again at once, in percent of the requests, 1 to 100, but always ten. @default - 1024 tries at once */
  retryBudgetPercent?: number;
  /** Takes instances out that answer badly. @default - those alone that cannot be connected to */
  ejection?: EjectionArgs;
  /** Asks instances itself, beside the registry. @default - not asked */
  healthCheck?: HealthCheckArgs;
}

/** When an instance that answers badly gets no requests for a while. */
export interface EjectionArgs {
  /** Answers of 500 to 599 in a row, 1 to 1000. @default 5 */
  consecutiveErrors?: number;
  /** Seconds for which it is out the first time, 1 to 3600; longer each time again, ten times that at most. @default 30 */
  ejectionSeconds?: number;
  /** Percent of the instances that may be out at once, 1 to 100. @default 50 */
  maxPercent?: number;
}

/** How the gateway asks instances whether they can serve: exactly one of `http`, `grpc` and `tcp`. */
export interface HealthCheckArgs {
  /** GET that must answer 200. @default - another kind */
  http?: { path: string };
  /** Standard gRPC health check, of the server as a whole unless told otherwise. @default - another kind */
  grpc?: { service?: string };
  /** TCP connection that must open. @default - another kind */
  tcp?: Record<string, never>;
  /** Seconds between two, 1 to 300. @default 5 */
  intervalSeconds?: number;
  /** Seconds after which one counts as failed, 1 to 60. @default 2 */
  timeoutSeconds?: number;
  /** Failures in a row that take an instance out, 1 to 10. @default 3 */
  unhealthyThreshold?: number;
  /** Good answers in a row that take it back, 1 to 10. @default 1 */
  healthyThreshold?: number;
}

const MANY = { min: 1, max: 1000000 };

/** `services`: what the gateway leads to, each as `name` or `name:port`. */
export function checkUpstreams(
  problems: Problems,
  at: string,
  upstreams: Record<string, UpstreamArgs>,
  services: string[],
): void {
  for (const [name, upstream] of Object.entries(upstreams)) {
    const place = member(at, name);
    if (!services.includes(name)) {
      const fix = `Known are ${services.join(", ") || "none"}.`;
      problems.add(place, "must be what a route leads to, as name or name:port", name, fix);
    }
    checkUpstream(problems, place, upstream);
  }
}

function checkUpstream(problems: Problems, at: string, upstream: UpstreamArgs): void {
  const { connectTimeoutSeconds, retryBudgetPercent, ejection = {}, healthCheck } = upstream;
  checkWhole(problems, `${at}.connectTimeoutSeconds`, connectTimeoutSeconds, {
    min: 1,
    max: 60,
    unit: "seconds",
  });
  checkWhole(problems, `${at}.maxConnections`, upstream.maxConnections, { ...MANY, unit: "connections" });
  checkWhole(problems, `${at}.maxPendingRequests`, upstream.maxPendingRequests, {
    ...MANY,
    unit: "requests",
  });
  checkWhole(problems, `${at}.maxRequests`, upstream.maxRequests, { ...MANY, unit: "requests" });
  checkWhole(problems, `${at}.retryBudgetPercent`, retryBudgetPercent, { min: 1, max: 100, unit: "percent" });
  const out = `${at}.ejection`;
  checkWhole(problems, `${out}.consecutiveErrors`, ejection.consecutiveErrors, {
    min: 1,
    max: 1000,
    unit: "answers",
  });
  checkWhole(problems, `${out}.ejectionSeconds`, ejection.ejectionSeconds, {
    min: 1,
    max: 3600,
    unit: "seconds",
  });
  checkWhole(problems, `${out}.maxPercent`, ejection.maxPercent, { min: 1, max: 100, unit: "percent" });
  if (healthCheck !== undefined) {
    checkHealthCheck(problems, `${at}.healthCheck`, healthCheck);
  }
}

function checkHealthCheck(problems: Problems, at: string, check: HealthCheckArgs): void {
  const given = (["http", "grpc", "tcp"] as const).filter((kind) => check[kind] !== undefined);
  if (given.length !== 1) {
    const fix = 'Write { http: { path: "/readyz" } }.';
    problems.add(at, "must have exactly one of http, grpc, tcp", given, fix);
  }
  if (check.http !== undefined && !check.http.path.startsWith("/")) {
    problems.add(`${at}.http.path`, 'must start with "/"', check.http.path, `Write "/${check.http.path}".`);
  }
  checkWhole(problems, `${at}.intervalSeconds`, check.intervalSeconds, { min: 1, max: 300, unit: "seconds" });
  checkWhole(problems, `${at}.timeoutSeconds`, check.timeoutSeconds, { min: 1, max: 60, unit: "seconds" });
  for (const field of ["unhealthyThreshold", "healthyThreshold"] as const) {
    checkWhole(problems, `${at}.${field}`, check[field], { min: 1, max: 10, unit: "" });
  }
}

export function upstreamSpecs(upstreams: Record<string, UpstreamArgs> = {}): Record<string, UpstreamSpec> {
  return Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => [name, upstreamSpec(upstream)]),
  );
}

function upstreamSpec({ ejection, healthCheck, ...limits }: UpstreamArgs): UpstreamSpec {
  const {
    connectTimeoutSeconds = 1,
    maxConnections = 1024,
    maxPendingRequests = 1024,
    maxRequests = 1024,
  } = limits;
  return {
    ...{ connectTimeoutSeconds, maxConnections, maxPendingRequests, maxRequests },
    retryBudgetPercent: limits.retryBudgetPercent,
    ejection: ejection && { consecutiveErrors: 5, ejectionSeconds: 30, maxPercent: 50, ...ejection },
    healthCheck: healthCheck && {
      action: healthAction(healthCheck),
      intervalSeconds: healthCheck.intervalSeconds ?? 5,
      timeoutSeconds: healthCheck.timeoutSeconds ?? 2,
      unhealthyThreshold: healthCheck.unhealthyThreshold ?? 3,
      healthyThreshold: healthCheck.healthyThreshold ?? 1,
    },
  };
}

function healthAction({ http, grpc }: HealthCheckArgs): NonNullable<UpstreamSpec["healthCheck"]>["action"] {
  if (http !== undefined) {
    return { http };
  }
  return grpc === undefined ? { tcp: {} } : { grpc };
}
