import { isDeepStrictEqual } from "node:util";
import type { PortSpec, Protocol } from "./container-spec";
import { checkWhole, oneOf } from "./fields";
import type { Microservice } from "./microservice";
import type { RouteSpec } from "./platform";
import { type AddressesArgs, addressesSpec, checkAddresses } from "./policies/addresses";
import { AGGREGATE_METHODS, type AggregateArgs, aggregateSpec, checkAggregate } from "./policies/aggregate";
import { ANONYMOUS } from "./policies/authentication";
import { type AuthorizationArgs, authorizationSpec } from "./policies/authorization";
import { type CorsArgs, checkCors, corsSpec } from "./policies/cors";
import {
  checkMirror,
  checkSplit,
  type MirrorArgs,
  mirrorSpec,
  nameOf,
  type SplitArgs,
  splitSpecs,
} from "./policies/destinations";
import { checkRateLimit, type RateLimitArgs, rateLimitSpec } from "./policies/rate-limit";
import { member, type Problems } from "./problems";

/** Which requests go to which service. Of the routes that match, the most specific one wins: by host, then by path. */
export interface RouteArgs {
  /** Path and everything below it: `/users` takes `/users` and `/users/1`, not `/usersfile`. @default - `exactPath` */
  path?: string;
  /** Exactly this path. @default - `path` */
  exactPath?: string;
  /** Host names, without port; `*.example.com` for any below. @default - any */
  hosts?: string[];
  /** HTTP methods in capitals. @default - any */
  methods?: string[];
  /** Headers that must be there with exactly these values. @default {} */
  headers?: Record<string, string>;
  /** The service, or its name. @default - `aggregate` */
  to?: Microservice | string;
  /** Joins the answers of several services instead, for `GET` and `HEAD`. @default - `to` */
  aggregate?: AggregateArgs;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Protocol of that port. @default - the microservice's own, or "http" where only a name is given */
  protocol?: "http" | "grpc";
  /** Only instances whose metadata say this, e.g. `{ version: "2" }`; without any of them it answers 503. @default {} */
  metadata?: Record<string, string>;
  /** Put in place of `path` before the request goes on. @default - the path stays */
  rewritePrefix?: string;
  /** Seconds for the whole answer, tries included, 1 to 3600. @default 15 */
  timeoutSeconds?: number;
  /**
   * Further tries on another instance, 0 to 10: for any method when the request was not sent, for GET, HEAD and OPTIONS
   * also when the answer was cut off or was 502, 503 or 504. @default 2
   */
  retries?: number;
  /**
   * How callers prove who they are: a name from the gateway's `authentication`, or `"anonymous"` for everyone. To be said as
   * soon as the gateway has any. @default - everyone, where the gateway has no authentication
   */
  authentication?: string;
  /** What callers must have besides. @default - nothing */
  authorization?: AuthorizationArgs;
  /** How many requests it takes. @default - any */
  rateLimit?: RateLimitArgs;
  /** Most KiB of a request's body, 1 to 1048576; more gets 413. Such a route takes no WebSocket. @default - the gateway's */
  maxBodyKiB?: number;
  /** Client addresses that may come in. @default - the gateway's */
  addresses?: AddressesArgs;
  /** Web pages of other origins that may use it. @default - the gateway's */
  cors?: CorsArgs;
  /** Shares of the requests that go to another version; the rest goes to `to`. @default [] */
  split?: SplitArgs[];
  /** Where copies of the requests go. @default - nowhere */
  mirror?: MirrorArgs;
  /** Seconds for one of the tries, 1 to 3600. @default - `timeoutSeconds` */
  tryTimeoutSeconds?: number;
}

/** What a route has that says nothing of them. */
export const ROUTE_DEFAULTS = { timeoutSeconds: 15, retries: 2 };

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const HOST = /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Records everything that is wrong with a route. */
export function checkRoute(problems: Problems, at: string, route: RouteArgs): void {
  if ((route.path === undefined) === (route.exactPath === undefined)) {
    const got = route.path === undefined ? [] : ["path", "exactPath"];
    problems.add(
      [`${at}.path`, `${at}.exactPath`],
      "must be given, and not both",
      got,
      'Write path: "/users".',
    );
  }
  for (const field of ["path", "exactPath", "rewritePrefix"] as const) {
    const value = route[field];
    if (value !== undefined && !value.startsWith("/")) {
      problems.add(`${at}.${field}`, 'must start with "/"', value, `Write "/${value}".`);
    } else if (value !== undefined && /[?#]/.test(value)) {
      problems.add(
        `${at}.${field}`,
        "must be a path without query",
        value,
        `Write "${value.split(/[?#]/)[0]}".`,
      );
    }
  }
  for (const field of ["path", "rewritePrefix"] as const) {
    const value = route[field];
    if (value !== undefined && value.length > 1 && value.endsWith("/")) {
      const fix = `Write "${value.replace(/\/+$/, "")}".`;
      problems.add(`${at}.${field}`, 'must not end with "/"', value, fix);
    }
  }
  if (route.rewritePrefix !== undefined && route.exactPath !== undefined) {
    problems.add(
      `${at}.rewritePrefix`,
      "goes with path only",
      route.rewritePrefix,
      "Write path instead of exactPath.",
    );
  }
  route.methods?.forEach((method, index) => {
    if (!METHODS.includes(method)) {
      const fix = METHODS.includes(method.toUpperCase())
        ? `"${method.toUpperCase()}"`
        : `one of ${METHODS.join(", ")}`;
      problems.add(`${at}.methods[${index}]`, "must be an HTTP method in capitals", method, `Write ${fix}.`);
    }
  });
  route.hosts?.forEach((host, index) => {
    if (!HOST.test(host)) {
      const bare = host
        .toLowerCase()
        .replace(/^https?:\/\//, "")
        .replace(/[:/].*$/, "");
      const fix = HOST.test(bare) ? `"${bare}"` : 'one like "shop.example.com", or leave hosts out for any';
      const rule = "must be a host name without scheme, port or path";
      problems.add(`${at}.hosts[${index}]`, rule, host, `Write ${fix}.`);
    }
  });
  checkWhole(problems, `${at}.timeoutSeconds`, route.timeoutSeconds, { min: 1, max: 3600, unit: "seconds" });
  checkWhole(problems, `${at}.retries`, route.retries, { min: 0, max: 10, unit: "" });
  checkRoutePolicies(problems, at, route);
  if ((route.to === undefined) === (route.aggregate === undefined)) {
    const got = route.to === undefined ? [] : ["to", "aggregate"];
    problems.add([`${at}.to`, `${at}.aggregate`], "must be given, and not both", got, 'Write to: "users".');
  }
  if (typeof route.to === "object") {
    checkTarget(problems, at, route.to.serviceName, route.to.workload.spec.ports, route.port);
  }
  if (route.aggregate !== undefined) {
    checkJoined(problems, at, route, route.aggregate);
  }
}

/** Fields that say how a request goes to one service, with what says nothing of it. */
const FOR_ONE_SERVICE = {
  port: undefined,
  protocol: undefined,
  metadata: {},
  rewritePrefix: undefined,
  retries: ROUTE_DEFAULTS.retries,
  split: [],
  mirror: undefined,
  tryTimeoutSeconds: undefined,
};

function checkJoined(problems: Problems, at: string, route: RouteArgs, aggregate: AggregateArgs): void {
  checkAggregate(problems, `${at}.aggregate`, aggregate);
  for (const [name, { to, port }] of Object.entries(aggregate.parts)) {
    if (typeof to === "object") {
      const place = member(`${at}.aggregate.parts`, name);
      checkTarget(problems, place, to.serviceName, to.workload.spec.ports, port, "to", ["http"]);
    }
  }
  for (const [field, nothing] of Object.entries(FOR_ONE_SERVICE)) {
    const value = route[field as keyof typeof FOR_ONE_SERVICE];
    if (value !== undefined && !isDeepStrictEqual(value, nothing)) {
      problems.add(`${at}.${field}`, "goes with to only", value, "Take it out.");
    }
  }
  route.methods?.forEach((method, index) => {
    if (!AGGREGATE_METHODS.includes(method)) {
      const rule = `must be one of ${AGGREGATE_METHODS.join(", ")}, as aggregate only reads`;
      problems.add(`${at}.methods[${index}]`, rule, method, "Take it out.");
    }
  });
}

/** Most KiB of a body. */
export const BODY = { min: 1, max: 1048576, unit: "KiB" };

function checkRoutePolicies(problems: Problems, at: string, route: RouteArgs): void {
  const { authentication, timeoutSeconds = ROUTE_DEFAULTS.timeoutSeconds, tryTimeoutSeconds } = route;
  checkWhole(problems, `${at}.maxBodyKiB`, route.maxBodyKiB, BODY);
  if (route.maxBodyKiB !== undefined && routeSpec(route).protocol === "grpc") {
    const rule = "goes with http only: of gRPC, a body may be a stream without end";
    problems.add(`${at}.maxBodyKiB`, rule, route.maxBodyKiB, "Take it out.");
  }
  if (route.rateLimit !== undefined) {
    const isAuthenticated = authentication !== undefined && authentication !== ANONYMOUS;
    checkRateLimit(problems, `${at}.rateLimit`, route.rateLimit, isAuthenticated);
  }
  if (route.addresses !== undefined) {
    checkAddresses(problems, `${at}.addresses`, route.addresses);
  }
  if (route.cors !== undefined) {
    checkCors(problems, `${at}.cors`, route.cors);
  }
  checkSplit(problems, `${at}.split`, route.split ?? []);
  if (route.mirror !== undefined) {
    checkMirror(problems, `${at}.mirror`, route.mirror);
  }
  checkWhole(problems, `${at}.tryTimeoutSeconds`, tryTimeoutSeconds, { min: 1, max: 3600, unit: "seconds" });
  if (tryTimeoutSeconds !== undefined && tryTimeoutSeconds > timeoutSeconds) {
    const fix = `Write ${timeoutSeconds}, or less.`;
    problems.add(`${at}.tryTimeoutSeconds`, "must not be longer than timeoutSeconds", tryTimeoutSeconds, fix);
  }
}

/** Records what is wrong with the port that a route leads to, `ports` being those of the service that `field` names. */
export function checkTarget(
  problems: Problems,
  at: string,
  service: string,
  ports: PortSpec[],
  port: string | undefined,
  field = "to",
  protocols: Protocol[] = ["http", "grpc"],
): void {
  const target = port === undefined ? ports[0] : ports.find((candidate) => candidate.name === port);
  if (ports.length === 0) {
    problems.add(`${at}.${field}`, "must be a service with ports", service, `Give ${service} a port.`);
  } else if (target === undefined) {
    const known = ports.map((candidate) => candidate.name);
    problems.add(`${at}.port`, `must name a port of ${service}`, port, oneOf(port!, known));
  } else if (!protocols.includes(target.protocol)) {
    const words = protocols.map((protocol) => `"${protocol}"`).join(" or ");
    const fix = `Give that port of ${service} protocol ${words}, or take the route out.`;
    problems.add(`${at}.${field}`, `must be a service that speaks ${protocols.join(" or ")}`, service, fix);
  }
}

/** What a route matches, in words: the same for two routes of which one would never be used. */
export function matchOf({ path, exactPath, hosts = [], methods = [], headers = {} }: RouteArgs): string {
  const wanted = Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}: ${value}`);
  const parts = [[...methods].sort(), [...hosts].sort(), [exactPath ?? `${path} and below`], wanted.sort()];
  return parts
    .map((part) => part.join(" "))
    .filter((part) => part !== "")
    .join(" ");
}

/** Records the routes of which no request is left, as an earlier one of the same rank takes them all. */
export function checkShadows(problems: Problems, routes: RouteArgs[]): void {
  routes.forEach((route, index) => {
    const { methods = [] } = route;
    const shadow = routes.findIndex((other, otherIndex) => {
      const same = matchOf({ ...other, methods: [] }) === matchOf({ ...route, methods: [] });
      const wider = methods.every((method) => other.methods?.includes(method));
      return same && wider && otherIndex < index && matchOf(other) !== matchOf(route);
    });
    if (methods.length > 0 && shadow !== -1) {
      const rule = `must not all be among those of routes[${shadow}], which comes first`;
      problems.add(
        `routes[${index}].methods`,
        rule,
        methods,
        `Put it before routes[${shadow}], or take it out.`,
      );
    }
  });
}

/** The route with every default filled in. */
export function routeSpec(route: RouteArgs): RouteSpec {
  const { to = "", port } = route;
  const known = typeof to === "string" ? undefined : to.workload.spec.ports;
  const target = port === undefined ? known?.[0] : known?.find((candidate) => candidate.name === port);
  const service = nameOf(to);
  return {
    hosts: route.hosts ?? [],
    path: route.path === undefined ? { exact: route.exactPath! } : { prefix: route.path },
    methods: route.methods ?? (route.aggregate === undefined ? [] : AGGREGATE_METHODS),
    headers: route.headers ?? {},
    aggregate: aggregateSpec(route.aggregate),
    service,
    port,
    protocol: route.protocol ?? target?.protocol ?? "http",
    metadata: route.metadata ?? {},
    rewritePrefix: route.rewritePrefix,
    timeoutSeconds: route.timeoutSeconds ?? ROUTE_DEFAULTS.timeoutSeconds,
    retries: route.retries ?? ROUTE_DEFAULTS.retries,
    authentication: route.authentication === ANONYMOUS ? undefined : route.authentication,
    authorization: authorizationSpec(route.authorization),
    rateLimit: rateLimitSpec(route.rateLimit),
    maxBodyKiB: route.maxBodyKiB,
    addresses: addressesSpec(route.addresses),
    cors: corsSpec(route.cors),
    split: splitSpecs(route.split, service, port),
    mirror: mirrorSpec(route.mirror),
    tryTimeoutSeconds: route.tryTimeoutSeconds,
  };
}

/** Exact before prefix, longer before shorter, more conditions before fewer. */
export function bySpecificity(a: RouteSpec, b: RouteSpec): number {
  const rank = (route: RouteSpec): number[] => [
    "exact" in route.path ? 1 : 0,
    "exact" in route.path ? route.path.exact.length : route.path.prefix.length,
    Object.keys(route.headers).length,
    route.methods.length === 0 ? 0 : 1,
  ];
  const [left, right] = [rank(a), rank(b)];
  const differs = left.findIndex((value, index) => value !== right[index]);
  return differs === -1 ? 0 : right[differs] - left[differs];
}
