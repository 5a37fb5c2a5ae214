/** Every policy of the gateway, allowed and refused, on a real Envoy. */
import assert from "node:assert/strict";
import * as http from "node:http";
import * as net from "node:net";
import { after, before, test } from "node:test";
import type { GatewayRules } from "../../components/gateway-spec";
import { until } from "../end-to-end/client";
import { authority, type Echo, echo, grpcServer, type Running, tcpEcho } from "./services";
import { hostAddress, Stage } from "./stage";
import { issuer } from "./tokens";

const shop = issuer("shop");
const stranger = issuer("shop");
const inline = issuer("https://id.example.com");

const RULES: GatewayRules = {
  authentication: {
    shop: {
      jwt: {
        ...{ issuer: "shop", audiences: ["shop"], jwks: { service: "authority", path: "/keys" } },
        claimHeaders: { "x-user-id": "sub", "x-user-roles": "roles", "x-user-city": "address.city" },
      },
    },
    partner: { jwt: { issuer: "https://id.example.com", jwks: { inline: inline.jwks } } },
    staff: {
      basic: {
        users: { grace: { password: "{{grace}}", roles: ["admin"] }, alan: { password: "{{alan}}" } },
        callerHeader: "x-staff",
      },
    },
    machines: {
      apiKey: {
        clients: { robot: { key: "{{robot}}", roles: ["writer"] }, toaster: { key: "{{toaster}}" } },
        callerHeader: "x-client",
      },
    },
    door: {
      external: {
        ...{ service: "authority", pathPrefix: "/check", requestHeaders: ["x-ticket"] },
        ...{ responseHeaders: ["x-guest"], callerHeader: "x-guest" },
      },
    },
    gone: { external: { service: "nowhere" } },
  },
  securityHeaders: {},
  limits: { headersTimeoutSeconds: 1, requestTimeoutSeconds: 2, maxHeaderKiB: 16, maxHeaders: 40 },
  trustedProxies: 1,
  upstreams: {
    fragile: { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1 },
    sick: { ejection: { consecutiveErrors: 2, ejectionSeconds: 60, maxPercent: 100 } },
    checked: { healthCheck: { http: { path: "/status/500" }, intervalSeconds: 1, unhealthyThreshold: 1 } },
  },
  tcp: [
    { listen: 6379, to: "redis" },
    { listen: 5672, to: "redis", addresses: { allow: ["192.0.2.1"] } },
  ],
  routes: [
    { path: "/open", to: "users", authentication: "anonymous" },
    { path: "/token", to: "users", authentication: "shop" },
    { path: "/partner", to: "users", authentication: "partner" },
    { path: "/admin", to: "users", authentication: "shop", authorization: { roles: ["admin", "owner"] } },
    { path: "/scope", to: "users", authentication: "shop", authorization: { scopes: ["orders:read"] } },
    { path: "/claim", to: "users", authentication: "shop", authorization: { claims: { plan: "gold" } } },
    { path: "/staff", to: "users", authentication: "staff" },
    { path: "/boss", to: "users", authentication: "staff", authorization: { roles: ["admin"] } },
    { path: "/machines", to: "users", authentication: "machines" },
    { path: "/write", to: "users", authentication: "machines", authorization: { roles: ["writer"] } },
    { path: "/door", to: "users", authentication: "door" },
    { path: "/gone", to: "users", authentication: "gone" },
    { path: "/few", to: "users", authentication: "anonymous", rateLimit: { requests: 2, perSeconds: 600 } },
    {
      path: "/few-each",
      to: "users",
      authentication: "shop",
      rateLimit: { requests: 2, perSeconds: 600, by: "caller" },
    },
    {
      path: "/few-machines",
      to: "users",
      authentication: "machines",
      rateLimit: { requests: 1, perSeconds: 600, by: "caller" },
    },
    {
      path: "/few-all",
      to: "users",
      authentication: "anonymous",
      rateLimit: { requests: 3, perSeconds: 600, by: "all" },
    },
    { path: "/small", to: "users", authentication: "anonymous", maxBodyKiB: 4 },
    {
      path: "/near",
      to: "users",
      authentication: "anonymous",
      addresses: { allow: ["203.0.113.0/24"], deny: ["203.0.113.66"] },
    },
    {
      path: "/pages",
      to: "users",
      authentication: "anonymous",
      methods: ["GET", "PUT"],
      cors: { origins: ["https://shop.example.com", "https://*.example.org"], credentials: true },
    },
    {
      path: "/locked-pages",
      to: "users",
      authentication: "shop",
      methods: ["GET"],
      cors: { origins: ["*"] },
    },
    {
      path: "/split",
      to: "users",
      authentication: "anonymous",
      metadata: { version: "1" },
      split: [
        { metadata: { version: "2" }, percent: 30 },
        { to: "people", percent: 20 },
      ],
    },
    { path: "/copied", to: "users", authentication: "anonymous", mirror: { to: "people" } },
    { path: "/hasty", to: "users", authentication: "anonymous", timeoutSeconds: 1, retries: 0 },
    {
      path: "/tries",
      to: "users",
      authentication: "anonymous",
      timeoutSeconds: 5,
      tryTimeoutSeconds: 1,
      retries: 1,
    },
    { path: "/fragile", to: "fragile", authentication: "anonymous", retries: 0 },
    { path: "/sick", to: "sick", authentication: "anonymous", retries: 0 },
    { path: "/checked", to: "checked", authentication: "anonymous", retries: 0 },
    { path: "/nowhere", to: "nowhere", authentication: "anonymous", retries: 0 },
    { path: "/broken", to: "broken", authentication: "anonymous", retries: 0 },
    { path: "/grpc.health.v1.Health", to: "payments", protocol: "grpc", authentication: "anonymous" },
    {
      path: "/grpc.reflection.v1.ServerReflection",
      to: "payments",
      protocol: "grpc",
      authentication: "anonymous",
    },
  ],
};

let stage: Stage;
let users: Echo;
let next: Echo;
let people: Echo;
const running: Running[] = [];

before(async () => {
  const host = await hostAddress();
  [users, next, people] = await Promise.all(["users-1", "users-2", "people"].map((name) => echo(host, name)));
  const keys = await authority(host, () => shop.jwks);
  const redis = await tcpEcho(host);
  const payments = await grpcServer(host);
  const broken = await nonsense(host);
  running.push(users, next, people, keys, redis, payments, broken);
  stage = await Stage.open({
    rules: RULES,
    instances: {
      users: [
        { address: users.address, metadata: { version: "1" } },
        { address: next.address, metadata: { version: "2" } },
      ],
      people: [people],
      authority: [keys],
      redis: [redis],
      payments: [payments],
      broken: [broken],
      nowhere: [],
      ...{ fragile: [users], sick: [people], checked: [people] },
    },
  });
});

after(async () => {
  await stage?.close();
  await Promise.all(running.map((one) => one.close()));
});

interface Row {
  what: string;
  path: string;
  headers?: Record<string, string>;
  method?: string;
  body?: string;
  /** One status for each time that it is asked. */
  status: number[];
  /** Headers that the service got; `undefined`: not there. */
  got?: Record<string, string | undefined>;
  /** Headers of the answer. */
  answers?: Record<string, string | null>;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const password = (user: string, secret: string) => {
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}` };
};
const user = (claims: Record<string, unknown> = {}) => bearer(shop.token(claims));
const TOO_OLD = Math.floor(Date.now() / 1000) - 3600;
const spoofed = {
  "x-user-id": "root",
  "x-user-roles": '["admin"]',
  "x-staff": "root",
  "x-guest": "root",
  "x-client": "root",
};
const stripped = Object.fromEntries(
  [...Object.keys(spoofed), "x-flotilla-caller"].map((name) => [name, undefined]),
);
const from = (address: string) => ({ "x-forwarded-for": address });
const preflight = (origin: string, method: string) => ({ origin, "access-control-request-method": method });

const ROWS: Row[] = [
  // Nobody can say of himself what only the gateway may say.
  {
    what: "anonymous",
    path: "/open",
    status: [200],
    headers: { ...spoofed, "x-flotilla-caller": "root" },
    got: stripped,
  },
  {
    what: "anonymous with a token",
    path: "/open",
    status: [200],
    headers: { ...user(), ...spoofed },
    got: stripped,
  },
  { what: "no route", path: "/none", status: [404] },
  { what: "no route for what only starts alike", path: "/opening", status: [404] },
  // Tokens.
  { what: "no token", path: "/token", status: [401] },
  {
    what: "a token",
    path: "/token",
    status: [200],
    headers: { ...spoofed, ...user({ roles: ["a", "b"], address: { city: "Ulm" } }) },
    got: {
      ...stripped,
      "x-user-id": "ada",
      "x-user-roles": '["a","b"]',
      "x-user-city": "Ulm",
      "x-staff": undefined,
    },
  },
  {
    what: "a token without roles",
    path: "/token",
    status: [200],
    headers: user(),
    got: { "x-user-roles": undefined },
  },
  { what: "a token of another key", path: "/token", status: [401], headers: bearer(stranger.token({})) },
  { what: "a token of another issuer", path: "/token", status: [401], headers: bearer(inline.token({})) },
  { what: "a token for another audience", path: "/token", status: [403], headers: user({ aud: "bank" }) },
  { what: "a token that ran out", path: "/token", status: [401], headers: user({ exp: TOO_OLD }) },
  {
    what: "a token that ran out within the clocks' difference",
    path: "/token",
    status: [200],
    headers: user({ exp: Math.floor(Date.now() / 1000) - 5 }),
  },
  {
    what: "a token that is not good yet",
    path: "/token",
    status: [401],
    headers: user({ nbf: Math.floor(Date.now() / 1000) + 3600 }),
  },
  { what: "a token that never runs out", path: "/token", status: [401], headers: user({ exp: undefined }) },
  {
    what: "a token without a signature",
    path: "/token",
    status: [401],
    headers: bearer(
      `${Buffer.from('{"alg":"none"}').toString("base64url")}.${shop.token({}).split(".")[1]}.`,
    ),
  },
  { what: "a token in the query", path: `/token?access_token=${shop.token({})}`, status: [401] },
  {
    what: "a password where a token is asked for",
    path: "/token",
    status: [401],
    headers: password("grace", "{{grace}}"),
  },
  {
    what: "a token of keys that stand in the description",
    path: "/partner",
    status: [200],
    headers: bearer(inline.token({})),
  },
  { what: "a token of other keys there", path: "/partner", status: [401], headers: user() },
  // What tokens must have.
  { what: "the role", path: "/admin", status: [200], headers: user({ roles: ["user", "admin"] }) },
  { what: "the other role, as text", path: "/admin", status: [200], headers: user({ roles: "owner" }) },
  { what: "another role", path: "/admin", status: [403], headers: user({ roles: ["administrator"] }) },
  { what: "no role", path: "/admin", status: [403], headers: user() },
  {
    what: "a role that only the client says",
    path: "/admin",
    status: [403],
    headers: { ...user(), ...spoofed },
  },
  { what: "the role without a token", path: "/admin", status: [401], headers: spoofed },
  { what: "the scope", path: "/scope", status: [200], headers: user({ scope: "a orders:read b" }) },
  { what: "the scope in a list", path: "/scope", status: [200], headers: user({ scope: ["orders:read"] }) },
  { what: "a longer scope", path: "/scope", status: [403], headers: user({ scope: "orders:readwrite" }) },
  { what: "the claim", path: "/claim", status: [200], headers: user({ plan: "gold" }) },
  { what: "another claim", path: "/claim", status: [403], headers: user({ plan: "silver" }) },
  // Names and passwords.
  {
    what: "a password",
    path: "/staff",
    status: [200],
    headers: { ...spoofed, ...password("alan", "{{alan}}") },
    got: { "x-staff": "alan", authorization: undefined, "x-user-id": undefined },
  },
  { what: "a wrong password", path: "/staff", status: [401], headers: password("alan", "{{grace}}") },
  { what: "no password", path: "/staff", status: [401] },
  { what: "the role of a user", path: "/boss", status: [200], headers: password("grace", "{{grace}}") },
  { what: "a user without the role", path: "/boss", status: [403], headers: password("alan", "{{alan}}") },
  // Keys.
  {
    what: "a key",
    path: "/machines",
    status: [200],
    headers: { ...spoofed, "x-api-key": "{{toaster}}" },
    got: { "x-client": "toaster", "x-api-key": undefined },
  },
  { what: "a wrong key", path: "/machines", status: [401], headers: { "x-api-key": "{{toast}}" } },
  { what: "no key", path: "/machines", status: [401] },
  { what: "the role of a client", path: "/write", status: [200], headers: { "x-api-key": "{{robot}}" } },
  {
    what: "a client without the role",
    path: "/write",
    status: [403],
    headers: { "x-api-key": "{{toaster}}" },
  },
  // A service that decides.
  {
    what: "a service agrees",
    path: "/door",
    status: [200],
    headers: { ...spoofed, "x-ticket": "gold" },
    got: { "x-guest": "grace", "x-unasked": undefined },
  },
  { what: "a service does not know", path: "/door", status: [401] },
  { what: "a service refuses", path: "/door", status: [403], headers: { "x-ticket": "tin" } },
  { what: "a service that is not there", path: "/gone", status: [503], headers: { "x-ticket": "gold" } },
  // How many.
  { what: "few for one address", path: "/few", status: [200, 200, 429], headers: from("198.51.100.1") },
  {
    what: "as many for another address",
    path: "/few",
    status: [200, 200, 429, 429],
    headers: from("198.51.100.2"),
  },
  {
    what: "as many whatever the method",
    path: "/few",
    method: "POST",
    status: [429],
    headers: from("198.51.100.1"),
  },
  { what: "few for one user", path: "/few-each", status: [200, 200, 429], headers: user({ sub: "ada" }) },
  {
    what: "as many for another user",
    path: "/few-each",
    status: [200, 200, 429],
    headers: user({ sub: "bob" }),
  },
  {
    what: "few for one client",
    path: "/few-machines",
    status: [200, 429],
    headers: { "x-api-key": "{{robot}}" },
  },
  {
    what: "as many for another client",
    path: "/few-machines",
    status: [200, 429],
    headers: { "x-api-key": "{{toaster}}" },
  },
  {
    what: "few for all together",
    path: "/few-all",
    status: [200, 200, 200, 429],
    headers: from("198.51.100.3"),
  },
  // How much.
  { what: "a small body", path: "/small", method: "POST", body: "x".repeat(4096), status: [200] },
  { what: "a large body", path: "/small", method: "POST", body: "x".repeat(4097), status: [413] },
  {
    what: "many headers",
    path: "/open",
    status: [431],
    headers: Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`x-${n}`, "1"])),
  },
  { what: "a large header", path: "/open", status: [431], headers: { "x-large": "x".repeat(17000) } },
  // From where.
  { what: "an allowed address", path: "/near", status: [200], headers: from("203.0.113.7") },
  { what: "another address", path: "/near", status: [403], headers: from("198.51.100.7") },
  {
    what: "an address that is denied though allowed",
    path: "/near",
    status: [403],
    headers: from("203.0.113.66"),
  },
  {
    what: "an address that only the client says",
    path: "/near",
    status: [403],
    headers: from("203.0.113.7, 198.51.100.7"),
  },
  // Web pages.
  {
    what: "a page's preflight",
    path: "/pages",
    method: "OPTIONS",
    headers: preflight("https://shop.example.com", "PUT"),
    status: [200],
    answers: {
      "access-control-allow-origin": "https://shop.example.com",
      "access-control-allow-credentials": "true",
      "access-control-max-age": "600",
    },
  },
  {
    what: "a preflight of a subdomain",
    path: "/pages",
    method: "OPTIONS",
    headers: preflight("https://a.example.org", "PUT"),
    status: [200],
    answers: { "access-control-allow-origin": "https://a.example.org" },
  },
  {
    what: "a preflight of another page",
    path: "/pages",
    method: "OPTIONS",
    headers: preflight("https://example.org.evil.com", "PUT"),
    status: [200],
    answers: { "access-control-allow-origin": null },
  },
  {
    what: "a page's request",
    path: "/pages",
    headers: { origin: "https://shop.example.com" },
    status: [200],
    answers: { "access-control-allow-origin": "https://shop.example.com" },
  },
  {
    what: "another page's request",
    path: "/pages",
    headers: { origin: "https://evil.com" },
    status: [200],
    answers: { "access-control-allow-origin": null },
  },
  {
    what: "a preflight needs no token",
    path: "/locked-pages",
    method: "OPTIONS",
    headers: preflight("https://a.com", "GET"),
    status: [200],
    answers: { "access-control-allow-origin": "https://a.com" },
  },
  {
    what: "a page can read that it needs a token",
    path: "/locked-pages",
    headers: { origin: "https://a.com" },
    status: [401],
    answers: { "access-control-allow-origin": "https://a.com" },
  },
  // What answers tell browsers.
  {
    what: "careful answers",
    path: "/open",
    status: [200],
    answers: {
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "strict-transport-security": null,
    },
  },
  {
    what: "careful refusals",
    path: "/token",
    status: [401],
    answers: { "x-content-type-options": "nosniff" },
  },
  // When services fail.
  { what: "an answer that takes too long", path: "/hasty/silent", status: [504] },
  { what: "a try that takes too long", path: "/tries/silent", status: [504] },
  { what: "a service without instances", path: "/nowhere", status: [503] },
  { what: "a service that speaks no HTTP", path: "/broken", status: [502] },
  { what: "a service that failed twice is left alone", path: "/sick/status/500", status: [500, 500, 503] },
  { what: "an instance that fails its check", path: "/checked", status: [503] },
];

const ERRORS: Record<number, string> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  413: "payload_too_large",
  429: "too_many_requests",
  431: "headers_too_large",
  502: "bad_gateway",
  503: "unavailable",
  504: "gateway_timeout",
};

for (const { what, path, headers, method, body, status, got = {}, answers = {} } of ROWS) {
  test(`${method ?? "GET"} ${path.split("?")[0]} with ${what}: ${status.join(", ")}`, async () => {
    for (const wanted of status) {
      // Envoy takes a failing service out a moment after the answer that shows it: until then its own 500 comes through.
      const isSettled = ({ status }: Answer) => wanted !== 503 || status !== 500;
      const answer = await until(5, () => ask(path, { method, headers, body }), isSettled);
      assert.equal(answer.status, wanted, answer.text);
      if (wanted >= 400 && wanted !== 500) {
        const { error, message, requestId } = JSON.parse(answer.text);
        // What is no request yet has no number.
        const number = wanted === 431 ? null : answer.headers["x-request-id"];
        assert.deepEqual([error, requestId], [ERRORS[wanted], number], answer.text);
        assert(message.length > 10);
      }
      for (const [name, value] of Object.entries(answers)) {
        assert.equal(answer.headers[name] ?? null, value, name);
      }
      for (const [name, value] of Object.entries(got)) {
        assert.equal(JSON.parse(answer.text).headers[name], value, name);
      }
    }
  });
}

test("every refusal was counted", async () => {
  const metrics = await stage.metrics();
  const counted = (name: RegExp): number => {
    const lines = metrics.matchAll(new RegExp(`^${name.source} (\\d+)$`, "gm"));
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  const happened = (...statuses: number[]): number =>
    ROWS.flatMap(({ status }) => status).filter((status) => statuses.includes(status)).length;
  const { source: own } = /envoy_extension_config_discovery_http_filter_\w+_/;
  const denied = counted(new RegExp(`${own}(?:denied|unauthorized){}`));
  assert.equal(denied, happened(401, 403));
  assert.equal(counted(/envoy_http_no_route{envoy_http_conn_manager_prefix="ingress"}/), happened(404));
  assert.equal(counted(/envoy_http_downstream_rq_too_large{.*"ingress"}/), happened(413));
  assert.equal(counted(/envoy_http_local_rate_limit_rate_limited{.*}/), happened(429));
  assert.equal(counted(/envoy_cluster_upstream_rq{envoy_response_code="502",.*}/), happened(502));
  assert.equal(counted(/envoy_cluster_upstream_rq{envoy_response_code="504",.*}/), happened(504));
  // Once more where the service that decides is not there: the question itself was refused, too.
  assert.equal(counted(/envoy_cluster_upstream_rq{envoy_response_code="503",.*}/), happened(503));
});

/** Answers whatever comes with what is no HTTP. */
async function nonsense(host: string): Promise<Running> {
  const server = net.createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end("nonsense\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as net.AddressInfo;
  return { address: `${host}:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** By a plain client, which lets every header be sent. */
function ask(
  path: string,
  { method, headers, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(stage.url(path), { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode!, headers: response.headers, text });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
