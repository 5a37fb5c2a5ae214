import type { RouteSpec } from "../../../platform";
import type { AuthenticatorSpec, AuthorizationSpec, JwtSpec } from "../../../policy-specs";
import type { Policy } from "../filter";
import { type Json, typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller-header";
import { CLAIMS } from "./jwt";
import { wayOf } from "./ways";

const FILTER = "authorization";

/**
 * Authenticated callers must have what the route asks for. That there is one is asked once more: should the filter that sees to
 * it not be there, nobody comes in.
 */
export const authorization: Policy = {
  filters({ policies }) {
    const config = typed("extensions.filters.http.rbac.v3.RBAC");
    return Object.keys(policies.authentication).length === 0 ? [] : [{ name: FILTER, config, on: "always" }];
  },
  ofRoute(route, spec) {
    const way = wayOf(route, spec);
    // Of an external service nothing is known but that it agreed.
    if (way === undefined || "external" in way) {
      return {};
    }
    const principals = [{ and_ids: { ids: principalsOf(route, way) } }];
    const policy = { permissions: [{ any: true }], principals };
    const rbac = { rules: { action: "ALLOW", policies: { caller: policy } } };
    return { [FILTER]: typed("extensions.filters.http.rbac.v3.RBACPerRoute", { rbac }) };
  },
};

function principalsOf(route: RouteSpec, way: Exclude<AuthenticatorSpec, { external: unknown }>): Json[] {
  if ("jwt" in way) {
    return claimPrincipals(route.authentication!, way.jwt, route.authorization);
  }
  const callers: Record<string, { roles: string[] }> = "basic" in way ? way.basic.users : way.apiKey.clients;
  const { roles = [] } = route.authorization ?? {};
  const named = Object.entries(callers).filter(([, caller]) =>
    caller.roles.some((role) => roles.includes(role)),
  );
  const byName = named.map(([name]) => ({ header: { name: CALLER_HEADER, string_match: { exact: name } } }));
  const nobody = { not_id: { any: true } };
  return [
    { header: { name: CALLER_HEADER, present_match: true } },
    ...(roles.length === 0 ? [] : [byName.length === 0 ? nobody : anyOf(byName)]),
  ];
}

function claimPrincipals(
  name: string,
  { issuer, rolesClaim, scopeClaim }: JwtSpec,
  asked: AuthorizationSpec | undefined,
): Json[] {
  const claim = (path: string, value: Json): Json => {
    const keys = [name, ...path.split(".")].map((key) => ({ key }));
    return { sourced_metadata: { metadata_matcher: { filter: CLAIMS, path: keys, value } } };
  };
  const has = (path: string, text: Json): Json => {
    return anyOf([
      claim(path, { string_match: text }),
      claim(path, { list_match: { one_of: { string_match: text } } }),
    ]);
  };
  const { roles = [], scopes = [], claims = {} } = asked ?? {};
  return [
    claim("iss", { string_match: { exact: issuer } }),
    ...(roles.length === 0 ? [] : [anyOf(roles.map((role) => has(rolesClaim, { exact: role })))]),
    ...scopes.map((scope) => has(scopeClaim, { safe_regex: { regex: `(.* )?${escaped(scope)}( .*)?` } })),
    ...Object.entries(claims).map(([path, value]) => has(path, { exact: value })),
  ];
}

function anyOf(ids: Json[]): Json {
  return { or_ids: { ids } };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
