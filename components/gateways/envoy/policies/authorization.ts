import type { RouteSpec } from "../../../platform";
import type { AuthorizationSpec, JwtSpec } from "../../../policy-specs";
import type { Policy } from "../filter";
import { type Json, typed } from "../vocabulary";
import { CLAIMS, jwtWayOf } from "./jwt";

const FILTER = "authorization";

/**
 * Authenticated callers must have what the route asks for. That there is someone authenticated is asked once more: should the
 * filter that sees to it not be there, as in the second in which both change, nobody comes in.
 */
export const authorization: Policy = {
  filters({ policies }) {
    const config = typed("extensions.filters.http.rbac.v3.RBAC");
    return Object.keys(policies.authentication).length === 0 ? [] : [{ name: FILTER, config, on: "always" }];
  },
  ofRoute(route, spec) {
    const way = jwtWayOf(route, spec);
    if (way === undefined) {
      return {};
    }
    const principals = [{ and_ids: { ids: principalsOf(route, way) } }];
    const policy = { permissions: [{ any: true }], principals };
    const rbac = { rules: { action: "ALLOW", policies: { caller: policy } } };
    return { [FILTER]: typed("extensions.filters.http.rbac.v3.RBACPerRoute", { rbac }) };
  },
};

function principalsOf({ authentication, authorization: asked }: RouteSpec, way: JwtSpec): Json[] {
  const claim = (name: string, value: Json): Json => {
    const path = [authentication, ...name.split(".")].map((key) => ({ key }));
    return { sourced_metadata: { metadata_matcher: { filter: CLAIMS, path, value } } };
  };
  const has = (name: string, text: Json): Json => {
    const ids = [
      claim(name, { string_match: text }),
      claim(name, { list_match: { one_of: { string_match: text } } }),
    ];
    return { or_ids: { ids } };
  };
  return [claim("iss", { string_match: { exact: way.issuer } }), ...asksFor(asked, way, has)];
}

function asksFor(
  asked: AuthorizationSpec | undefined,
  { rolesClaim, scopeClaim }: JwtSpec,
  has: (claim: string, text: Json) => Json,
): Json[] {
  const { roles = [], scopes = [], claims = {} } = asked ?? {};
  const byRole = roles.map((role) => has(rolesClaim, { exact: role }));
  return [
    ...(byRole.length === 0 ? [] : [{ or_ids: { ids: byRole } }]),
    ...scopes.map((scope) => has(scopeClaim, { safe_regex: { regex: `(.* )?${escaped(scope)}( .*)?` } })),
    ...Object.entries(claims).map(([claim, value]) => has(claim, { exact: value })),
  ];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
