import type * as pulumi from "@pulumi/pulumi";
import { checkWhole } from "../fields";
import type { Microservice } from "../microservice";
import type { JwksSpec, JwtSpec } from "../policy-specs";
import { member, type Problems } from "../problems";
import { checkTrustedHeader } from "./callers";

/**
 * The keys of an issuer (JWKS, RFC 7517): exactly one of `service`, `url` and `inline`. A new key is known after `cacheSeconds`
 * at the latest: publish it that long before the first token is signed with it.
 */
export interface JwksArgs {
  /** Microservice that serves them, or its name; a live instance is asked. @default - another source */
  service?: Microservice | string;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Path at the service. @default "/.well-known/jwks.json" */
  path?: string;
  /** `https://` address that serves them. @default - another source */
  url?: string;
  /** The JSON text itself. @default - another source */
  inline?: pulumi.Input<string>;
}

/**
 * Callers send a signed token: `Authorization: Bearer TOKEN`. It goes on unchanged. Signature, issuer, audience and times are
 * verified; a token without `exp` is refused.
 *
 * @example
 * const jwt: JwtArgs = { issuer: "shop", jwks: { service: "users" }, claimHeaders: { "x-user-id": "sub" } };
 */
export interface JwtArgs {
  /** What the token's `iss` must be. */
  issuer: string;
  /** Of which one must be in the token's `aud`. @default - any */
  audiences?: string[];
  /** The issuer's keys. */
  jwks: JwksArgs;
  /** Seconds for which fetched keys are kept before they are fetched again, 1 to 86400. @default 300 */
  cacheSeconds?: number;
  /** Seconds by which the issuer's clock may differ, 0 to 600. @default 60 */
  clockSkewSeconds?: number;
  /**
   * Claims of the token that services get as headers, by header: `{ "x-user-id": "sub" }`. A dot leads into an object:
   * `"address.city"`. Text comes as it is, anything else as JSON: `["admin","staff"]`. Clients cannot send these headers,
   * on no route. @default {}
   */
  claimHeaders?: Record<string, string>;
  /** Claim that has the caller's roles: a list, or one as text. @default "roles" */
  rolesClaim?: string;
  /** Claim that has the scopes: text with blanks between them, or a list. @default "scope" */
  scopeClaim?: string;
}

const JWKS_PATH = "/.well-known/jwks.json";
const CLAIM = /^[^\s:.%]+(\.[^\s:.%]+)*$/;

export function checkJwt(problems: Problems, at: string, jwt: JwtArgs): void {
  if (jwt.issuer === "") {
    problems.add(`${at}.issuer`, "must not be empty", jwt.issuer, "Write what tokens have as iss.");
  }
  checkJwks(problems, `${at}.jwks`, jwt.jwks);
  checkWhole(problems, `${at}.cacheSeconds`, jwt.cacheSeconds, { min: 1, max: 86400, unit: "seconds" });
  checkWhole(problems, `${at}.clockSkewSeconds`, jwt.clockSkewSeconds, { min: 0, max: 600, unit: "seconds" });
  for (const [header, claim] of Object.entries(jwt.claimHeaders ?? {})) {
    const place = member(`${at}.claimHeaders`, header);
    checkTrustedHeader(problems, place, header);
    checkClaim(problems, place, claim);
  }
  for (const field of ["rolesClaim", "scopeClaim"] as const) {
    if (jwt[field] !== undefined) {
      checkClaim(problems, `${at}.${field}`, jwt[field]);
    }
  }
}

/** A claim, which may lie in an object. */
export function checkClaim(problems: Problems, at: string, claim: string): void {
  if (!CLAIM.test(claim)) {
    const rule =
      "must be the name of a claim, dots leading into objects, without blanks, colons and percent signs";
    problems.add(at, rule, claim, 'Write one like "sub" or "address.city".');
  }
}

function checkJwks(problems: Problems, at: string, jwks: JwksArgs): void {
  const given = (["service", "url", "inline"] as const).filter((source) => jwks[source] !== undefined);
  if (given.length !== 1) {
    const rule = "must have exactly one of service, url, inline";
    problems.add(at, rule, given, `Write { service: "users", path: "${JWKS_PATH}" }.`);
  }
  for (const field of ["port", "path"] as const) {
    if (jwks[field] !== undefined && jwks.service === undefined) {
      problems.add(`${at}.${field}`, "goes with service only", jwks[field], "Take it out.");
    }
  }
  if (jwks.path !== undefined && !jwks.path.startsWith("/")) {
    problems.add(`${at}.path`, 'must start with "/"', jwks.path, `Write "/${jwks.path}".`);
  }
  if (jwks.url !== undefined && !isSecureUrl(jwks.url)) {
    const fix = 'Write one like "https://id.example.com/jwks.json".';
    problems.add(
      `${at}.url`,
      "must be an https:// address: whoever sends keys decides who comes in",
      jwks.url,
      fix,
    );
  }
  if (typeof jwks.inline === "string" && !isKeySet(jwks.inline)) {
    const rule = 'must be the JSON text of public keys, { "keys": […] }';
    problems.add(`${at}.inline`, rule, jwks.inline, "Write what the issuer serves as its JWKS.");
  }
}

function isSecureUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}

function isKeySet(text: string): boolean {
  try {
    const { keys } = JSON.parse(text);
    return (
      Array.isArray(keys) &&
      keys.length > 0 &&
      keys.every((key) => typeof key?.kty === "string" && key.d === undefined)
    );
  } catch {
    return false;
  }
}

/** With every default filled in. */
export function jwtSpec(jwt: JwtArgs): JwtSpec {
  const { audiences = [], claimHeaders = {}, cacheSeconds = 300, clockSkewSeconds = 60 } = jwt;
  const { rolesClaim = "roles", scopeClaim = "scope", issuer } = jwt;
  const jwks = jwksSpec(jwt.jwks);
  return { issuer, audiences, jwks, cacheSeconds, clockSkewSeconds, claimHeaders, rolesClaim, scopeClaim };
}

function jwksSpec({ service, port, path = JWKS_PATH, url, inline }: JwksArgs): JwksSpec {
  if (service !== undefined) {
    return { service: typeof service === "string" ? service : service.serviceName, port, path };
  }
  return url === undefined ? { inline: inline! } : { url };
}
