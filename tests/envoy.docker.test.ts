/** What the generator writes, judged by Envoy itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pack } from "tar-stream";
import { bootstrap } from "../components/gateways/envoy/bootstrap";
import { clusters } from "../components/gateways/envoy/clusters";
import { listeners } from "../components/gateways/envoy/listeners";
import { routeTable } from "../components/gateways/envoy/routes";
import { WATCHED } from "../components/gateways/envoy/vocabulary";
import type { RouteSpec } from "../components/platform";
import { dockerConnection } from "../infra/engine/providers/docker/connection";
import { ensureImages } from "../infra/setup/images";
import { runToEnd } from "./run-to-end";

type Json = Record<string, unknown>;

const plain = {
  hosts: [],
  methods: [],
  headers: {},
  metadata: {},
  service: "users",
  protocol: "http",
  timeoutSeconds: 15,
  retries: 2,
};
const routes: RouteSpec[] = [
  {
    ...plain,
    path: { exact: "/me" },
    headers: { "x-a": "b" },
    metadata: { version: "2" },
    methods: ["GET", "POST"],
    protocol: "http",
  },
  {
    ...plain,
    path: { prefix: "/users" },
    rewritePrefix: "/",
    hosts: ["example.com", "*.example.com"],
    protocol: "http",
  },
  { ...plain, path: { prefix: "/" }, port: "admin", protocol: "grpc", rewritePrefix: "/v2" },
  {
    ...plain,
    path: { exact: "/overview" },
    service: "",
    protocol: "http",
    aggregate: { parts: [{ name: "user", service: "users", path: "/me?a=%20" }], maxSizeMiB: 1 },
  },
];
const spec = { routes, policies: { authentication: {} } };
const NOTHING = { version_info: "1", resources: [] };

test("Envoy accepts the bootstrap with the files that it watches", async () => {
  const { exitCode, output } = await validate(bootstrap("edge"));
  assert.equal(exitCode, 0, output);
  assert.match(output, /OK/);
});

test("Envoy accepts the listener, the routes and the clusters", async () => {
  // Validation does not follow watched files, so here everything is in one.
  const [listener] = resources(listeners(spec)) as [
    Json & { filter_chains: [{ filters: [{ typed_config: Json }] }] },
  ];
  const [route_config] = resources(routeTable(spec));
  const [filter] = listener.filter_chains[0].filters;
  const { rds: _watched, ...manager } = filter.typed_config;
  const filters = [{ ...filter, typed_config: { ...manager, route_config } }];
  const static_resources = {
    listeners: [{ ...listener, filter_chains: [{ filters }] }],
    clusters: resources(clusters(spec)),
  };
  const { node, admin } = bootstrap("edge");
  const { exitCode, output } = await validate({ node, admin, static_resources });
  assert.equal(exitCode, 0, output);
  assert.match(output, /OK/);
});

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
  const files = { bootstrap: configuration, lds: NOTHING, cds: NOTHING, rds: NOTHING };
  for (const [name, content] of Object.entries(files)) {
    archive.entry({ name: `${WATCHED}/${name}.json` }, JSON.stringify(content));
  }
  for (const name of ["users", "users_admin"]) {
    archive.entry({ name: `${WATCHED}/endpoints/${name}.json` }, JSON.stringify(NOTHING));
  }
  archive.finalize();
  return runToEnd(container, archive as unknown as NodeJS.ReadableStream);
}
