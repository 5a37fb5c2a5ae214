/** Routes in the words of the Gateway API: pure functions, and the refusal of what it has no words for. */
import type { RouteSpec } from "../../../platform";
import type { Problems } from "../../../problems";
import { asks, refuseAddresses, refusePolicies } from "./refusals";
import type { Backend } from "./routed-services";

type Json = Record<string, unknown>;

/** `/`, `/package.Service` and `/package.Service/Method`. */
const GRPC_PATH = /^\/(?:([\w.]+)(?:\/(\w+))?)?$/;

/** What a controller must be able to do, by the names with which it says so, beyond what every controller can. */
const FEATURES: [feature: string, field: string, isAsked: (route: RouteSpec) => boolean][] = [
  ["GRPCRoute", "to", ({ protocol }) => protocol === "grpc"],
  ["HTTPRouteMethodMatching", "methods", (route) => route.protocol === "http" && asks(route, "methods")],
  ["HTTPRoutePathRewrite", "rewritePrefix", (route) => asks(route, "rewritePrefix")],
  ["HTTPRouteRequestTimeout", "timeoutSeconds", (route) => asks(route, "timeoutSeconds")],
];

/** Records every field of a route that the Gateway API's standard channel cannot express. */
export function checkGatewayApiRoutes(problems: Problems, routes: RouteSpec[]): void {
  routes.forEach((route, index) => {
    const at = `routes[${index}]`;
    refuseAddresses(problems, at, route);
    refusePolicies(problems, at, route, ["retries"], "the Gateway API");
    if (route.protocol === "grpc") {
      refusePolicies(problems, at, route, ["methods", "rewritePrefix", "timeoutSeconds"], "a GRPCRoute");
      checkGrpcRoute(problems, at, route, routes);
    }
    const rival = routes.findIndex((other, otherIndex) => otherIndex < index && isTie(route, other));
    if (rival !== -1) {
      const rule = `takes requests that routes[${rival}] takes too, and the Gateway API would choose in another order`;
      problems.add(at, rule, pathOf(route), "Give the two different paths, or methods that differ.");
    }
  });
}

function checkGrpcRoute(problems: Problems, at: string, route: RouteSpec, routes: RouteSpec[]): void {
  const [, service, method] = GRPC_PATH.exec(pathOf(route)) ?? [];
  const isWhole =
    "prefix" in route.path ? pathOf(route) === "/" || service !== undefined : method !== undefined;
  if (!isWhole) {
    const field = "prefix" in route.path ? "path" : "exactPath";
    const fix = 'Write path: "/", "/package.Service" or "/package.Service/Method".';
    problems.add(
      `${at}.${field}`,
      "must be a gRPC service or method, for the Gateway API",
      pathOf(route),
      fix,
    );
  }
  if (routes.some((other) => other.protocol !== "grpc" && shareHosts(route, other))) {
    const rule = "must differ from those of all http routes, as the Gateway API keeps gRPC apart by host";
    const fix = 'Write hosts like ["grpc.example.com"], and others for the http routes.';
    problems.add(`${at}.hosts`, rule, route.hosts, fix);
  }
}

/** What of the routes this controller says that it cannot do; one that says nothing is believed to do all. */
export function checkFeatures(problems: Problems, routes: RouteSpec[], supported: string[]): void {
  routes.forEach((route, index) => {
    for (const [feature, field, isAsked] of supported.length === 0 ? [] : FEATURES) {
      if (isAsked(route) && !supported.includes(feature)) {
        const got = field === "to" ? route.service : route[field as keyof RouteSpec];
        const rule = `needs ${feature}, which the cluster's controller does not support`;
        const fix = 'Take it out, or use our own gateway: write expose: "load-balancer".';
        problems.add(`routes[${index}].${field}`, rule, got, fix);
      }
    }
  });
}

/** An HTTPRoute or a GRPCRoute with this one route, attached to its Gateway. */
export function gatewayApiRoute(gateway: string, route: RouteSpec, backend: Backend) {
  const [kind, rule] =
    route.protocol === "grpc" ? ["GRPCRoute", grpcRule(route)] : ["HTTPRoute", httpRule(route)];
  const backendRefs = [{ name: backend.service, port: backend.port }];
  return {
    kind,
    spec: {
      parentRefs: [{ name: gateway }],
      ...(route.hosts.length === 0 ? {} : { hostnames: route.hosts }),
      rules: [{ ...rule, backendRefs }],
    },
  };
}

function httpRule(route: RouteSpec): Json {
  const path =
    "exact" in route.path
      ? { type: "Exact", value: route.path.exact }
      : { type: "PathPrefix", value: route.path.prefix };
  const match = { path, ...headersOf(route) };
  const { methods, rewritePrefix } = route;
  const rewrite = { path: { type: "ReplacePrefixMatch", replacePrefixMatch: rewritePrefix } };
  return {
    matches: methods.length === 0 ? [match] : methods.map((method) => ({ ...match, method })),
    ...(rewritePrefix === undefined ? {} : { filters: [{ type: "URLRewrite", urlRewrite: rewrite }] }),
    // Not every controller knows time-outs: one is asked for only where the description does.
    ...(asks(route, "timeoutSeconds") ? { timeouts: { request: `${route.timeoutSeconds}s` } } : {}),
  };
}

function grpcRule(route: RouteSpec): Json {
  const [, service, method] = GRPC_PATH.exec(pathOf(route))!;
  const wanted = { type: "Exact", service, ...(method === undefined ? {} : { method }) };
  const match = { ...(service === undefined ? {} : { method: wanted }), ...headersOf(route) };
  return Object.keys(match).length === 0 ? {} : { matches: [match] };
}

function headersOf({ headers }: RouteSpec): Json {
  const wanted = Object.entries(headers).map(([name, value]) => ({ type: "Exact", name, value }));
  return wanted.length === 0 ? {} : { headers: wanted };
}

function pathOf({ path }: RouteSpec): string {
  return "exact" in path ? path.exact : path.prefix;
}

/**
 * Whether one request could match both routes, and we and the Gateway API would not choose the same one. We look for more
 * headers before a method and then take the earlier one; it looks for a method first and then takes the older object.
 */
function isTie(a: RouteSpec, b: RouteSpec): boolean {
  if (JSON.stringify(a.path) !== JSON.stringify(b.path) || !sameHosts(a, b) || a.protocol !== b.protocol) {
    return false;
  }
  const sharesMethod =
    a.methods.length === 0 ||
    b.methods.length === 0 ||
    a.methods.some((method) => b.methods.includes(method));
  const contradicts = Object.entries(a.headers).some(([name, value]) => (b.headers[name] ?? value) !== value);
  const moreHeaders = Math.sign(Object.keys(a.headers).length - Object.keys(b.headers).length);
  const moreMethod = Number(asks(a, "methods")) - Number(asks(b, "methods"));
  const sameChoice = moreHeaders * moreMethod >= 0 && (moreHeaders !== 0 || moreMethod !== 0);
  return sharesMethod && !contradicts && !sameChoice;
}

function sameHosts(a: RouteSpec, b: RouteSpec): boolean {
  const [ours, theirs] = [a, b].map(({ hosts }) => (hosts.length === 0 ? ["*"] : hosts));
  return ours.some((host) => theirs.includes(host));
}

/** Whether one host name could match both routes. */
function shareHosts(a: RouteSpec, b: RouteSpec): boolean {
  const [ours, theirs] = [a, b].map(({ hosts }) => (hosts.length === 0 ? ["*"] : hosts));
  const within = (host: string, wider: string) =>
    host === wider || (wider.startsWith("*") && host.endsWith(wider.slice(1)));
  return ours.some((host) => theirs.some((other) => within(host, other) || within(other, host)));
}
