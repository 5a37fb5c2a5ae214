import type { GatewaySpec, RouteSpec } from "../../platform";
import { type Json, typed } from "./vocabulary";

export interface Filter {
  /** Unique; lower-case letters, digits, dots and dashes. */
  name: string;
  config: Json;
  /** `routes`: off unless a route switches it on. */
  on: "always" | "routes";
  /** Whether its configuration must show up nowhere but in its file. */
  secret?: boolean;
}

/** One concern: the filters that it puts into the listener, and what it tells them for a route, by filter. */
export interface Policy {
  filters(spec: GatewaySpec): Filter[];
  ofRoute?(route: RouteSpec, spec: GatewaySpec): Json;
}

/** What switches a filter on that needs to be told nothing more. */
export const SWITCHED_ON = typed("config.route.v3.FilterConfig", { config: {} });
