/** What a gateway guards and shapes its traffic by, every default filled in: interfaces only, part of the contract. */
import type * as pulumi from "@pulumi/pulumi";

/** Where the keys come from that tokens are verified with. */
export type JwksSpec =
  | { inline: pulumi.Input<string> }
  | { url: string }
  /** Fetched from live instances of a service. */
  | { service: string; port?: string; path: string };

/** Signed tokens (JWT), as `Authorization: Bearer`. */
export interface JwtSpec {
  issuer: string;
  /** One of them must be in the token; empty means any. */
  audiences: string[];
  jwks: JwksSpec;
  /** Seconds for which fetched keys are kept. */
  cacheSeconds: number;
  clockSkewSeconds: number;
  /** Claims that go on as headers, by the header's name in lower case. */
  claimHeaders: Record<string, string>;
  rolesClaim: string;
  scopeClaim: string;
}

/** How callers prove who they are. */
export type AuthenticatorSpec = { jwt: JwtSpec };

/** Ways to prove who one is, by the name that routes say. */
export type AuthenticationSpec = Record<string, AuthenticatorSpec>;

/** What an authenticated caller must have besides. */
export interface AuthorizationSpec {
  /** At least one of them; empty asks for none. */
  roles: string[];
  /** All of them. */
  scopes: string[];
  /** All of them, with exactly these values. */
  claims: Record<string, string>;
}

/** An endpoint that joins what several services answer. */
export interface AggregateSpec {
  /** In the order of the answer. */
  parts: AggregatePartSpec[];
  /** MiB of the whole answer. */
  maxSizeMiB: number;
}

export interface AggregatePartSpec {
  /** What it is called in the answer. */
  name: string;
  service: string;
  port?: string;
  path: string;
}

/** What holds for a gateway as a whole. */
export interface GatewayPolicies {
  authentication: AuthenticationSpec;
}
