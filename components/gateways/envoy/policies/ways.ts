/** The ways of authentication: each is a filter of its own, which routes switch on. */
import type { GatewaySpec, RouteSpec } from "../../../platform";
import type { AuthenticatorSpec } from "../../../policy-specs";
import { type Filter, type Policy, SWITCHED_ON } from "../filter";

type Kind = AuthenticatorSpec extends infer W ? (W extends unknown ? keyof W : never) : never;
type SpecOf<K extends Kind> = Extract<AuthenticatorSpec, Record<K, unknown>>[K];

/** The ways of one kind, by name. */
export function waysOf<K extends Kind>({ policies }: GatewaySpec, kind: K): [name: string, way: SpecOf<K>][] {
  return Object.entries(policies.authentication).flatMap(([name, way]) => {
    return kind in way ? [[name, (way as unknown as Record<K, SpecOf<K>>)[kind]] as [string, SpecOf<K>]] : [];
  });
}

/** The way that a route asks for; undefined: none. */
export function wayOf(
  { authentication }: RouteSpec,
  { policies }: GatewaySpec,
): AuthenticatorSpec | undefined {
  return authentication === undefined ? undefined : policies.authentication[authentication];
}

/** A filter for each way of one kind; a route switches on its own. */
export function perWay<K extends Kind>(
  kind: K,
  filter: (name: string, way: SpecOf<K>, of: string) => Filter,
): Policy {
  const filterName = (way: string): string => `authentication-${way}`;
  return {
    filters: (spec) => waysOf(spec, kind).map(([name, way]) => filter(filterName(name), way, name)),
    ofRoute(route, spec) {
      const way = wayOf(route, spec);
      return way !== undefined && kind in way ? { [filterName(route.authentication!)]: SWITCHED_ON } : {};
    },
  };
}
