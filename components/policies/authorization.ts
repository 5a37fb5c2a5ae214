import { oneOf } from "../fields";
import type { AuthorizationSpec } from "../policy-specs";
import { member, type Problems } from "../problems";
import { ANONYMOUS, type AuthenticationArgs } from "./authentication";
import { checkClaim } from "./jwt";

/** What an authenticated caller must have besides; others get 403. */
export interface AuthorizationArgs {
  /** At least one of these roles: of a token, or as `authentication` gives them to users and clients. @default [] */
  roles?: string[];
  /** All of these scopes, of a token. @default [] */
  scopes?: string[];
  /** All of these claims of a token, each with exactly this text, or a list that has it. @default {} */
  claims?: Record<string, string>;
}

/** Who may use a route. */
export interface AccessArgs {
  authentication?: string;
  authorization?: AuthorizationArgs;
}

/** Records what is wrong with who may use a route, `ways` being the gateway's authentication. */
export function checkAccess(
  problems: Problems,
  at: string,
  { authentication, authorization }: AccessArgs,
  ways: Record<string, AuthenticationArgs>,
): void {
  const names = Object.keys(ways);
  if (authentication === undefined && names.length > 0) {
    const rule = "must be said, as the gateway has authentication";
    const fix = `Write ${JSON.stringify(names[0])}, or "${ANONYMOUS}" for everyone.`;
    problems.add(`${at}.authentication`, rule, authentication, fix);
  } else if (authentication !== undefined && ![...names, ANONYMOUS].includes(authentication)) {
    const rule = "must be one of the gateway's authentication";
    const fix = oneOf(authentication, [...names, ANONYMOUS]);
    problems.add(`${at}.authentication`, rule, authentication, fix);
  }
  if (authorization === undefined) {
    return;
  }
  const place = `${at}.authorization`;
  const { roles = [], scopes = [], claims = {} } = authorization;
  if (roles.length + scopes.length + Object.keys(claims).length === 0) {
    problems.add(place, "must ask for something", authorization, 'Write { roles: ["admin"] }.');
  }
  if (authentication === undefined || authentication === ANONYMOUS) {
    const rule = "needs authentication: nothing is known of anonymous callers";
    const fix =
      names.length === 0 ? "Give the gateway authentication." : `Write authentication: "${names[0]}".`;
    problems.add(place, rule, authorization, fix);
  }
  const way = authentication === undefined ? undefined : ways[authentication];
  const asked = {
    roles: roles.length > 0,
    scopes: scopes.length > 0,
    claims: Object.keys(claims).length > 0,
  };
  for (const field of (["roles", "scopes", "claims"] as const).filter((one) => asked[one])) {
    const isKnown = way?.jwt !== undefined || (field === "roles" && way?.external === undefined);
    if (way !== undefined && !isKnown) {
      const rule =
        way.external === undefined
          ? "needs tokens, which have them"
          : "is for the external service to decide";
      problems.add(`${place}.${field}`, rule, authorization[field], "Take it out.");
    }
  }
  for (const scope of scopes) {
    if (!/^\S+$/.test(scope)) {
      problems.add(
        `${place}.scopes`,
        "must have no blanks in one",
        scope,
        'Write ["orders:read", "orders:write"].',
      );
    }
  }
  for (const claim of Object.keys(claims)) {
    checkClaim(problems, member(`${place}.claims`, claim), claim);
  }
}

/** Undefined where nothing is asked for beyond the authentication. */
export function authorizationSpec(
  authorization: AuthorizationArgs | undefined,
): AuthorizationSpec | undefined {
  if (authorization === undefined) {
    return undefined;
  }
  const { roles = [], scopes = [], claims = {} } = authorization;
  return { roles, scopes, claims };
}
