import type { JwtSpec } from "../../../policy-specs";
import { type Filter, type Policy, SWITCHED_ON } from "../filter";
import { type Json, typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller";
import { CLAIMS, jwtWayOf, jwtWays } from "./jwt";

/** Services get verified claims as headers. */
export const claimHeaders: Policy = {
  filters: (spec) => jwtWays(spec).map(([name, way]) => filter(name, way)),
  ofRoute(route, spec) {
    return jwtWayOf(route, spec) === undefined ? {} : { [`claims-${route.authentication}`]: SWITCHED_ON };
  },
};

function filter(name: string, { claimHeaders: wanted }: JwtSpec): Filter {
  const set = ([key, claim]: [string, string]): Json => {
    const value = `%DYNAMIC_METADATA(${[CLAIMS, name, ...claim.split(".")].join(":")})%`;
    return { append: { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" } };
  };
  const request_mutations = Object.entries({ [CALLER_HEADER]: "sub", ...wanted }).map(set);
  const config = typed("extensions.filters.http.header_mutation.v3.HeaderMutation", {
    mutations: { request_mutations },
  });
  return { name: `claims-${name}`, config, on: "routes" };
}
