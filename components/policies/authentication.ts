import { checkName } from "../fields";
import type { AuthenticationSpec, AuthenticatorSpec } from "../policy-specs";
import { member, type Problems } from "../problems";
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
}

/** What a route says that asks callers for nothing. */
export const ANONYMOUS = "anonymous";

const KINDS = ["jwt"] as const;

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
  }
}

/** Each with every default filled in. */
export function authenticationSpec(ways: Record<string, AuthenticationArgs> = {}): AuthenticationSpec {
  return Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, authenticatorSpec(way)]));
}

function authenticatorSpec({ jwt }: AuthenticationArgs): AuthenticatorSpec {
  return { jwt: jwtSpec(jwt!) };
}
