import type { Policy } from "../filter";
import { typed } from "../vocabulary";
import { CALLER_HEADER, trustedHeaders } from "./caller-header";

/** What only the gateway may say of a caller is taken out of every request, on anonymous routes too. */
export const clientHeaders: Policy = {
  filters({ policies }) {
    const ways = Object.values(policies.authentication);
    const removed = [...new Set([CALLER_HEADER, ...ways.flatMap(trustedHeaders)])];
    const config = typed("extensions.filters.http.header_mutation.v3.HeaderMutation", {
      mutations: { request_mutations: removed.map((remove) => ({ remove })) },
    });
    return ways.length === 0 ? [] : [{ name: "client-headers", config, on: "always" }];
  },
};
