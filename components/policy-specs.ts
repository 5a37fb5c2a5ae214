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
export type AuthenticatorSpec =
  | { jwt: JwtSpec }
  | { basic: BasicSpec }
  | { apiKey: ApiKeySpec }
  | { external: ExternalSpec };

/** Name and password, as HTTP Basic. */
export interface BasicSpec {
  users: Record<string, { password: pulumi.Input<string>; roles: string[] }>;
  callerHeader?: string;
}

/** A key in a header. */
export interface ApiKeySpec {
  clients: Record<string, { key: pulumi.Input<string>; roles: string[] }>;
  header: string;
  callerHeader?: string;
}

/** A service that decides. */
export interface ExternalSpec {
  service: string;
  port?: string;
  pathPrefix?: string;
  timeoutSeconds: number;
  requestHeaders: string[];
  responseHeaders: string[];
  callerHeader?: string;
}

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

export interface RateLimitSpec {
  requests: number;
  perSeconds: number;
  by: "address" | "caller" | "all";
}

/** Networks as CIDR, or single addresses. */
export interface AddressesSpec {
  /** Empty means any. */
  allow: string[];
  deny: string[];
}

export interface CorsSpec {
  origins: string[];
  methods: string[];
  headers: string[];
  exposedHeaders: string[];
  credentials: boolean;
  maxAgeSeconds: number;
}

/** A share of a route's requests; what is left goes to the route's own service. */
export interface SplitSpec {
  service: string;
  port?: string;
  metadata: Record<string, string>;
  percent: number;
}

export interface MirrorSpec {
  service: string;
  port?: string;
  percent: number;
}

export interface SecurityHeadersSpec {
  strictTransportSeconds: number;
  frameOptions: string;
  referrerPolicy: string;
  contentSecurityPolicy?: string;
}

/** What one replica takes of clients. */
export interface LimitsSpec {
  maxConnections: number;
  maxHeaderKiB: number;
  maxHeaders: number;
  maxStreams: number;
  headersTimeoutSeconds: number;
  requestTimeoutSeconds: number;
  idleTimeoutSeconds: number;
}

export interface TlsSpec {
  /** Port that clients use. */
  port: number;
  plainHttp: "redirect" | "serve";
  minimumVersion: "1.2" | "1.3";
}

/** How the instances of one service's port are treated. */
export interface UpstreamSpec {
  connectTimeoutSeconds: number;
  maxConnections: number;
  maxPendingRequests: number;
  maxRequests: number;
  retryBudgetPercent?: number;
  ejection?: { consecutiveErrors: number; ejectionSeconds: number; maxPercent: number };
  healthCheck?: {
    action: { http: { path: string } } | { grpc: { service?: string } } | { tcp: Record<string, never> };
    intervalSeconds: number;
    timeoutSeconds: number;
    unhealthyThreshold: number;
    healthyThreshold: number;
  };
}

/** A port whose connections go to a service as they are. */
export interface TcpSpec {
  /** Port that clients use. */
  listen: number;
  service: string;
  port?: string;
  addresses?: AddressesSpec;
  maxConnections: number;
  idleTimeoutSeconds: number;
}

/** What holds for a gateway as a whole. */
export interface GatewayPolicies {
  authentication: AuthenticationSpec;
  rateLimit?: RateLimitSpec;
  securityHeaders?: SecurityHeadersSpec;
  limits: LimitsSpec;
  /** Proxies before the gateway whose `X-Forwarded-For` is believed. */
  trustedProxies: number;
  tls?: TlsSpec;
  /** By service, or service and port: `users:admin`. */
  upstreams: Record<string, UpstreamSpec>;
  tcp: TcpSpec[];
}
