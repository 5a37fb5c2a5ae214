import type { GatewaySpec } from "../../../platform";
import type { Policy } from "../filter";
import { typed } from "../vocabulary";

/** Every answer tells browsers to be careful. */
export const securityHeaders: Policy = {
  filters(spec) {
    const response_mutations = Object.entries(headersOf(spec)).map(([key, value]) => {
      return { append: { header: { key, value }, append_action: "ADD_IF_ABSENT" } };
    });
    const config = typed("extensions.filters.http.header_mutation.v3.HeaderMutation", {
      mutations: { response_mutations },
    });
    return response_mutations.length === 0 ? [] : [{ name: "security-headers", config, on: "always" }];
  },
};

function headersOf({ policies: { securityHeaders: wanted, tls } }: GatewaySpec): Record<string, string> {
  if (wanted === undefined) {
    return {};
  }
  const { strictTransportSeconds, frameOptions, referrerPolicy, contentSecurityPolicy } = wanted;
  return {
    "x-content-type-options": "nosniff",
    "x-frame-options": frameOptions,
    "referrer-policy": referrerPolicy,
    ...(contentSecurityPolicy === undefined ? {} : { "content-security-policy": contentSecurityPolicy }),
    ...(tls === undefined ? {} : { "strict-transport-security": `max-age=${strictTransportSeconds}` }),
  };
}
