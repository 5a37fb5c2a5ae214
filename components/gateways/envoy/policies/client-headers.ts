import type { GatewaySpec } from "../../../platform";
import type { Policy } from "../filter";
import { typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller";

/** What only the gateway may say of a caller is taken out of every request, on anonymous routes too. */
export const clientHeaders: Policy = {
  filters(spec) {
    const removed = trustedHeaders(spec);
    const request_mutations = removed.map((remove) => ({ remove }));
    const config = typed("extensions.filters.http.header_mutation.v3.HeaderMutation", {
      mutations: { request_mutations },
    });
    return removed.length === 0 ? [] : [{ name: "client-headers", config, on: "always" }];
  },
};

function trustedHeaders({ policies }: GatewaySpec): string[] {
  const ways = Object.values(policies.authentication);
  const named = ways.flatMap((way) => ("jwt" in way ? Object.keys(way.jwt.claimHeaders) : []));
  return ways.length === 0 ? [] : [...new Set([CALLER_HEADER, ...named])];
}
