/**
 * What stands between the listener and the services. A filter is in the listener once, by name; what it is told comes from a
 * file of its own, which may change without touching a connection. Those that not every route wants are off until a route
 * switches them on: so one listener serves routes with different policies, and what counts something counts it once.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { GatewaySpec, RouteSpec } from "../../platform";
import type { Filter, Policy } from "./filter";
import { addresses } from "./policies/addresses";
import { apiKey } from "./policies/api-key";
import { authorization } from "./policies/authorization";
import { basic } from "./policies/basic";
import { bodyLimit } from "./policies/body-limit";
import { caller } from "./policies/caller";
import { clientHeaders } from "./policies/client-headers";
import { cors } from "./policies/cors";
import { external } from "./policies/external";
import { jwt } from "./policies/jwt";
import { limitsBeforeAuthentication, limitsByCaller } from "./policies/rate-limit";
import { securityHeaders } from "./policies/security-headers";
import { discoveryResponse, type Json, typed, watchedFile } from "./vocabulary";

/** In the order in which a request passes them. */
const POLICIES: Policy[] = [
  ...[securityHeaders, clientHeaders, cors, addresses, limitsBeforeAuthentication],
  ...[jwt, basic, apiKey, external, caller, authorization],
  ...[limitsByCaller, bodyLimit],
];

export function filtersOf(spec: GatewaySpec): Filter[] {
  return POLICIES.flatMap((policy) => policy.filters(spec));
}

/** What the filters are told of one route. */
export function filterConfigs(route: RouteSpec, spec: GatewaySpec): Json {
  const told = Object.assign({}, ...POLICIES.map((policy) => policy.ofRoute?.(route, spec) ?? {}));
  return Object.keys(told).length === 0 ? {} : { typed_per_filter_config: told };
}

/** Where a filter stands in the listener. */
export function filterPlace({ name, config, on }: Filter): Json {
  return {
    name,
    config_discovery: { config_source: watchedFile(filterFileName(name)), type_urls: [config["@type"]] },
    ...(on === "routes" ? { disabled: true } : {}),
  };
}

/** The file that tells a filter what it does. */
export function filterFile({ name, config }: Filter): { name: string; content: pulumi.Input<Json> } {
  const resource = typed("config.core.v3.TypedExtensionConfig", { name, typed_config: config });
  return { name: filterFileName(name), content: discoveryResponse([resource]) };
}

function filterFileName(name: string): string {
  return `filter-${name}.json`;
}
