import { checkName } from "../fields";
import type { AuthenticationSpec, AuthenticatorSpec } from "../policy-specs";
import { member, type Problems } from "../problems";
import { type ApiKeyArgs, apiKeySpec, checkApiKey } from "./api-key";
import { type BasicArgs, basicSpec, checkBasic } from "./basic";
import { checkExternal, type ExternalArgs, externalSpec } from "./external";
import { checkJwt, type JwtArgs, jwtSpec } from "./jwt";

/**
 * How callers prove who they are: exactly one of the kinds.
 *
 * @example
 * const authentication: Record<string, AuthenticationArgs> = {
 *   shop: { jwt: { issuer: "shop", jwks: { service: "users" } } },
 * };
 */
export interface AuthenticationArgs {
  /** By a signed token. @default - another kind */
  jwt?: JwtArgs;
  /** By name and password. @default - another kind */
  basic?: BasicArgs;
  /** By a key of their own. @default - another kind */
  apiKey?: ApiKeyArgs;
  /** A service decides. @default - another kind */
  external?: ExternalArgs;
}

/** What a route says that asks callers for nothing. */
export const ANONYMOUS = "anonymous";

const KINDS = ["jwt", "basic", "apiKey", "external"] as const;

export function checkAuthentication(
  problems: Problems,
  at: string,
  ways: Record<string, AuthenticationArgs>,
): void {
  for (const [name, way] of Object.entries(ways)) {
    const place = member(at, name);
    checkName(problems, place, name);
    if (name === ANONYMOUS) {
      const rule = "must not be the word for routes that ask for nothing";
      problems.add(place, rule, name, "Give it another name.");
    }
    const given = KINDS.filter((kind) => way[kind] !== undefined);
    if (given.length !== 1) {
      const fix = 'Write { jwt: { issuer: "shop", jwks: { service: "users" } } }.';
      problems.add(place, `must have exactly one of ${KINDS.join(", ")}`, given, fix);
    }
    if (way.jwt !== undefined) {
      checkJwt(problems, `${place}.jwt`, way.jwt);
    }
    if (way.basic !== undefined) {
      checkBasic(problems, `${place}.basic`, way.basic);
    }
    if (way.apiKey !== undefined) {
      checkApiKey(problems, `${place}.apiKey`, way.apiKey);
    }
    if (way.external !== undefined) {
      checkExternal(problems, `${place}.external`, way.external);
    }
  }
}

/** Each with every default filled in. */
export function authenticationSpec(ways: Record<string, AuthenticationArgs> = {}): AuthenticationSpec {
  return Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, authenticatorSpec(way)]));
}

function authenticatorSpec({ jwt, basic, apiKey, external }: AuthenticationArgs): AuthenticatorSpec {
  if (jwt !== undefined) {
    return { jwt: jwtSpec(jwt) };
  }
  if (basic !== undefined) {
    return { basic: basicSpec(basic) };
  }
  return apiKey === undefined ? { external: externalSpec(external!) } : { apiKey: apiKeySpec(apiKey) };
}
