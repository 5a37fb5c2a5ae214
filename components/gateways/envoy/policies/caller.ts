import type { AuthenticatorSpec } from "../../../policy-specs";
import { type Filter, type Policy, SWITCHED_ON } from "../filter";
import { typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller-header";
import { CLAIMS } from "./jwt";
import { wayOf } from "./ways";

/** Tells services and later filters who calls. */
export const caller: Policy = {
  filters({ policies }) {
    return Object.entries(policies.authentication).flatMap(([name, way]) => {
      const headers = headersOf(name, way);
      return Object.keys(headers).length === 0 ? [] : [filter(name, headers)];
    });
  },
  ofRoute(route, spec) {
    const way = wayOf(route, spec);
    const isTold = way !== undefined && Object.keys(headersOf(route.authentication!, way)).length > 0;
    return isTold ? { [`caller-${route.authentication}`]: SWITCHED_ON } : {};
  },
};

/** The headers that are written after a way let a request pass, by name. */
function headersOf(name: string, way: AuthenticatorSpec): Record<string, string> {
  if ("jwt" in way) {
    const claims = Object.entries({ [CALLER_HEADER]: "sub", ...way.jwt.claimHeaders }).map(
      ([header, claim]) => {
        return [header, `%DYNAMIC_METADATA(${[CLAIMS, name, ...claim.split(".")].join(":")})%`];
      },
    );
    return Object.fromEntries(claims);
  }
  if ("external" in way) {
    const { callerHeader } = way.external;
    return callerHeader === undefined ? {} : { [CALLER_HEADER]: `%REQ(${callerHeader})%` };
  }
  const { callerHeader } = "basic" in way ? way.basic : way.apiKey;
  return callerHeader === undefined ? {} : { [callerHeader]: `%REQ(${CALLER_HEADER})%` };
}

function filter(name: string, headers: Record<string, string>): Filter {
  const request_mutations = Object.entries(headers).map(([key, value]) => {
    return { append: { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" } };
  });
  const config = typed("extensions.filters.http.header_mutation.v3.HeaderMutation", {
    mutations: { request_mutations },
  });
  return { name: `caller-${name}`, config, on: "routes" };
}
