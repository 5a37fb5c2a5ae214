/** What the generator writes, judged by Envoy itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { pack } from "tar-stream";
import { type GatewayRules, gatewaySpec } from "../components/gateway-spec";
import { bootstrap } from "../components/gateways/envoy/bootstrap";
import { clusters } from "../components/gateways/envoy/clusters";
import type { Filter } from "../components/gateways/envoy/filter";
import { filtersOf } from "../components/gateways/envoy/filters";
import { listeners } from "../components/gateways/envoy/listeners";
import { routeTable } from "../components/gateways/envoy/routes";
import { WATCHED } from "../components/gateways/envoy/vocabulary";
import { dockerConnection } from "../infra/engine/providers/docker/connection";
import { ensureImages } from "../infra/setup/images";
import { runToEnd } from "./run-to-end";

type Json = Record<string, unknown>;

const jwt = {
  issuer: "shop",
  jwks: { service: "users", path: "/keys" },
  claimHeaders: { "x-user-id": "sub" },
};
const rules: GatewayRules = {
  authentication: {
    shop: { jwt },
    outside: { jwt: { issuer: "id", jwks: { url: "https://id.example.com/keys" } } },
    staff: { basic: { users: { ada: { password: "{{ada}}", roles: ["admin"] } }, callerHeader: "x-staff" } },
    machines: { apiKey: { clients: { robot: { key: "{{robot}}" } } } },
    door: {
      external: {
        service: "users",
        pathPrefix: "/check",
        responseHeaders: ["x-guest"],
        callerHeader: "x-guest",
      },
    },
  },
  rateLimit: { requests: 100, by: "all" },
  ...{ maxBodyKiB: 64, addresses: { allow: ["10.0.0.0/8", "::1"], deny: ["10.0.0.1"] }, securityHeaders: {} },
  cors: { origins: ["https://shop.example.com", "https://*.example.org"], credentials: true },
  ...{ limits: { maxConnections: 10 }, trustedProxies: 1, tls: { minimumVersion: "1.3" } },
  upstreams: {
    users: { retryBudgetPercent: 20, ejection: {}, healthCheck: { http: { path: "/readyz" } } },
    "users:admin": { healthCheck: { grpc: { service: "admin" } } },
  },
  tcp: [{ listen: 6379, to: "redis", addresses: { allow: ["10.0.0.0/8"] } }],
  routes: [
    {
      ...{
        exactPath: "/me",
        to: "users",
        methods: ["GET", "POST"],
        headers: { "x-a": "b" },
        metadata: { version: "2" },
      },
      ...{
        authentication: "shop",
        authorization: { roles: ["admin"], scopes: ["a:b"], claims: { plan: "gold" } },
      },
    },
    {
      path: "/users",
      to: "users",
      rewritePrefix: "/",
      hosts: ["example.com", "*.example.com"],
      authentication: "anonymous",
    },
    {
      exactPath: "/overview",
      aggregate: { parts: { user: { to: "users", path: "/me?a=%20" } } },
      authentication: "anonymous",
    },
    { path: "/staff", to: "users", authentication: "staff", authorization: { roles: ["admin"] } },
    {
      path: "/machines",
      to: "users",
      authentication: "machines",
      rateLimit: { requests: 5, perSeconds: 60, by: "caller" },
    },
    {
      path: "/door",
      to: "users",
      authentication: "door",
      rateLimit: { requests: 5 },
      mirror: { to: "redis", percent: 5 },
    },
    {
      path: "/outside",
      to: "users",
      authentication: "outside",
      split: [{ metadata: { version: "2" }, percent: 10 }],
    },
    {
      path: "/",
      to: "users",
      port: "admin",
      protocol: "grpc",
      rewritePrefix: "/v2",
      authentication: "anonymous",
    },
  ],
};
const spec = gatewaySpec(rules);
const NOTHING = { version_info: "1", resources: [] };

test("Envoy accepts the bootstrap with the files that it watches", async () => {
  const { exitCode, output } = await validate(bootstrap("edge"));
  assert.equal(exitCode, 0, output);
  assert.match(output, /OK/);
});

test("Envoy accepts listeners, filters, routes and clusters with every policy", async () => {
  // Validation does not follow watched files, so here everything is in one.
  const filters = new Map(
    await Promise.all(filtersOf(spec).map(async (filter) => [filter.name, await told(filter)] as const)),
  );
  const [route_config] = resources(routeTable(spec));
  const whole = (part: unknown): unknown => {
    if (Array.isArray(part)) {
      return part.map(whole);
    }
    if (typeof part !== "object" || part === null) {
      return part;
    }
    const { rds, config_discovery, ...others } = part as Json;
    return {
      ...Object.fromEntries(Object.entries(others).map(([key, value]) => [key, whole(value)])),
      ...(rds === undefined ? {} : { route_config }),
      ...(config_discovery === undefined ? {} : { typed_config: filters.get(others.name as string) }),
    };
  };
  const { node, admin, static_resources: own } = bootstrap("edge");
  const static_resources = {
    listeners: whole(resources(listeners(spec))),
    clusters: [...(own as { clusters: Json[] }).clusters, ...resources(clusters(spec))],
  };
  const { exitCode, output } = await validate({ node, admin, static_resources });
  assert.equal(exitCode, 0, output);
  assert.match(output, /OK/);
});

function told(filter: Filter): Promise<unknown> {
  return new Promise((resolve) => {
    pulumi.jsonStringify(filter.config).apply((text) => resolve(JSON.parse(text)));
  });
}

/** The resources of a discovery file as they stand where they are part of a bootstrap: without their type. */
function resources(file: Json): Json[] {
  return (file.resources as Json[]).map(({ "@type": _type, ...resource }) => resource);
}

async function validate(configuration: unknown): Promise<{ exitCode: number; output: string }> {
  const docker = dockerConnection();
  const { envoy } = await ensureImages(["envoy"]);
  const Cmd = ["--mode", "validate", "-c", `${WATCHED}/bootstrap.json`];
  const container = await docker.createContainer({ Image: envoy, Entrypoint: ["envoy"], Cmd, Tty: true });
  const archive = pack();
  const files = {
    bootstrap: configuration,
    lds: NOTHING,
    cds: NOTHING,
    rds: NOTHING,
    "secret-certificate": NOTHING,
  };
  for (const [name, content] of Object.entries(files)) {
    archive.entry({ name: `${WATCHED}/${name}.json` }, JSON.stringify(content));
  }
  for (const name of ["users", "users_admin", "redis"]) {
    archive.entry({ name: `${WATCHED}/endpoints/${name}.json` }, JSON.stringify(NOTHING));
  }
  archive.finalize();
  return runToEnd(container, archive as unknown as NodeJS.ReadableStream);
}
