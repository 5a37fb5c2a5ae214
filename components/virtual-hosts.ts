import type { RouteSpec } from "./platform";

/** Each host that the routes name, `*` for any, with its own routes, then those of the wildcards that cover it, then any host's. */
export function virtualHosts(routes: RouteSpec[]): [host: string, routes: RouteSpec[]][] {
  const hosts = new Set(routes.flatMap((route) => (route.hosts.length === 0 ? ["*"] : route.hosts)));
  return [...hosts].map((host) => {
    const covering = [...hosts].filter((other) => covers(other, host)).sort(byLengthOfSuffix);
    const own = covering.flatMap((name) => routes.filter((route) => isFor(route, name)));
    return [host, [...new Set(own)]];
  });
}

function isFor(route: RouteSpec, host: string): boolean {
  return host === "*" ? route.hosts.length === 0 : route.hosts.includes(host);
}

/** Whether a host name, which may be `*` or `*.example.com`, takes every request that another one takes. */
function covers(wider: string, host: string): boolean {
  return wider === host || (wider.startsWith("*") && host !== "*" && host.endsWith(wider.slice(1)));
}

/** Closest first: a name covers only itself, so it stands before any wildcard. */
function byLengthOfSuffix(a: string, b: string): number {
  return b.replace("*", "").length - a.replace("*", "").length;
}
