import type { AuthenticatorSpec } from "../../../policy-specs";

/** Header in which the filters tell each other who calls; it comes from no client and goes to no service. */
export const CALLER_HEADER = "x-flotilla-caller";

/** Headers that services trust, as only a way of authentication writes them. */
export function trustedHeaders(way: AuthenticatorSpec): string[] {
  if ("jwt" in way) {
    return Object.keys(way.jwt.claimHeaders);
  }
  if ("external" in way) {
    return way.external.responseHeaders;
  }
  const { callerHeader } = "basic" in way ? way.basic : way.apiKey;
  return callerHeader === undefined ? [] : [callerHeader];
}
