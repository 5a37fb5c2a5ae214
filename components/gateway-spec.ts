import type { GatewayArgs } from "./gateway";
import type { GatewaySpec, RouteSpec } from "./platform";
import { authenticationSpec } from "./policies/authentication";
import { routeSpec } from "./route";

/** What of a gateway's arguments says what it does. */
export type GatewayRules = Pick<GatewayArgs, "routes" | "authentication">;

/** The rules with every default filled in. */
export function gatewaySpec({ routes, authentication }: GatewayRules): GatewaySpec {
  return { routes: routes.map(routeSpec), policies: { authentication: authenticationSpec(authentication) } };
}

/** A service's port that a gateway connects to. */
export type Connection = Pick<RouteSpec, "service" | "port">;

/** Each that it may connect to. */
export function connectionsOf({ routes, policies }: GatewaySpec): Connection[] {
  const issuers = Object.values(policies.authentication).flatMap(({ jwt: { jwks } }) => {
    return "service" in jwks ? [jwks] : [];
  });
  const targets = routes.flatMap((route): Connection[] => route.aggregate?.parts ?? [route]);
  return [...targets, ...issuers];
}
