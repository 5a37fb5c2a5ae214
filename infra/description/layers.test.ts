import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArchitectureInput } from "../architecture";
import { examine, parseArchitecture } from "../parse-architecture";

type Services = ArchitectureInput["services"];

const PULUMI = { name: "Pulumi.dev.yaml flotilla:overrides" };

function described(services: Services, templates?: Services): ArchitectureInput {
  return {
    name: "edge",
    registry: { kind: "native" },
    templates,
    services,
    gateway: { routes: [{ path: "/", to: "users" }] },
  };
}

function users(description: ArchitectureInput, overrides: unknown = {}) {
  return parseArchitecture(description, "shop.ts", { input: overrides, source: PULUMI }).services.users;
}

const USERS: Services[string] = {
  image: "app:1",
  ports: [{ port: 8080 }, { port: 9090, name: "admin" }],
  environment: { LEVEL: "info", MODE: "a" },
  replicas: 2,
  probe: { http: { path: "/readyz" }, intervalSeconds: 1 },
};

test("no override changes nothing", () => {
  assert.deepEqual(users(described({ users: USERS })), USERS);
});

test("objects are merged member by member, lists and values as a whole", () => {
  const description = described({ users: USERS });
  const before = structuredClone(description);
  const overrides = {
    environment: { LEVEL: "debug", EXTRA: "1" },
    ports: [{ port: 80 }],
    replicas: { min: 1, max: 3 },
    probe: { intervalSeconds: 9 },
    memoryMiB: 512,
  };
  assert.deepEqual(users(description, { users: overrides }), {
    image: "app:1",
    ports: [{ port: 80 }],
    environment: { LEVEL: "debug", MODE: "a", EXTRA: "1" },
    replicas: { min: 1, max: 3 },
    probe: { http: { path: "/readyz" }, intervalSeconds: 9 },
    memoryMiB: 512,
  });
  assert.deepEqual(description, before, "the description itself stays as it is");
});

test("a service takes over what its template and the template's own say, and says the rest itself", () => {
  const templates = {
    small: { memory: "64MiB", cpu: "0.1", environment: { LEVEL: "info" } },
    web: { extends: "small", ports: [8080], environment: { MODE: "web" }, memory: "128MiB" },
  };
  const own = { extends: "web", image: "app:1", environment: { LEVEL: "debug" } };
  assert.deepEqual(users(described({ users: own }, templates)), {
    image: "app:1",
    ports: [8080],
    environment: { LEVEL: "debug", MODE: "web" },
    memoryMiB: 128,
    cpuMillicores: 100,
  });
});

test("of alternatives the upper layer's one holds", () => {
  const templates = {
    web: { build: "services/users", memory: "64MiB", probe: { http: { path: "/" }, interval: "1m" } },
  };
  const own: Services[string] = {
    extends: "web",
    image: "app:1",
    ports: [80],
    probe: { tcp: {}, intervalSeconds: 5 },
    metadata: { image: "a", memory: "b" },
  };
  const overrides = { users: { memoryMiB: 32, metadata: { build: "c", memoryMiB: "d" } } };
  assert.deepEqual(users(described({ users: own }, templates), overrides), {
    image: "app:1",
    ports: [80],
    memoryMiB: 32,
    probe: { tcp: {}, intervalSeconds: 5 },
    metadata: { image: "a", memory: "b", build: "c", memoryMiB: "d" },
  });
});

test("every value knows where it was written", () => {
  const templates = { web: { ports: [8080], memory: "64MiB" } };
  const description = described({ users: { extends: "web", image: "app:1" } }, templates);
  const overrides = { input: { users: { replicas: 3 } }, source: PULUMI };
  const { origins } = examine({ input: description, source: { name: "shop.ts" } }, overrides);
  const where = (path: string): string => {
    const { source, path: written } = origins.find(path);
    return `${source.name}: ${written}`;
  };
  assert.equal(where("services.users.image"), "shop.ts: services.users.image");
  assert.equal(where("services.users.ports[0]"), "shop.ts: templates.web.ports[0]");
  assert.equal(where("services.users.memoryMiB"), "shop.ts: templates.web.memory");
  assert.equal(where("services.users.replicas"), `${PULUMI.name}: users.replicas`);
  assert.equal(where("gateway.routes[0].to"), "shop.ts: gateway.routes[0].to");
  assert.equal(origins.has("services.users.cpuMillicores"), false);
});
