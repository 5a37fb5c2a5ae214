import assert from "node:assert/strict";
import { test } from "node:test";
import { RunError } from "@pulumi/pulumi/errors";
import type { ArchitectureInput } from "./architecture";
import { withOverrides } from "./config";

const described: ArchitectureInput = {
  name: "edge",
  registry: { kind: "native" },
  services: {
    users: {
      image: "app:1",
      ports: [{ port: 8080 }, { port: 9090, name: "admin" }],
      environment: { LEVEL: "info", MODE: "a" },
      replicas: 2,
      probe: { http: { path: "/readyz" }, intervalSeconds: 1 },
    },
    orders: { image: "app:1" },
  },
  gateway: { routes: [] },
};

test("no override changes nothing", () => {
  assert.deepEqual(withOverrides(described, {}), described);
});

test("objects are merged member by member, lists and values as a whole", () => {
  const before = structuredClone(described);
  const { services, ...others } = withOverrides(described, {
    users: {
      environment: { LEVEL: "debug", EXTRA: "1" },
      ports: [{ port: 80 }],
      replicas: { min: 1, max: 3 },
      probe: { intervalSeconds: 9 },
      memoryMiB: 512,
    },
  });
  assert.deepEqual(services.users, {
    image: "app:1",
    ports: [{ port: 80 }],
    environment: { LEVEL: "debug", MODE: "a", EXTRA: "1" },
    replicas: { min: 1, max: 3 },
    probe: { http: { path: "/readyz" }, intervalSeconds: 9 },
    memoryMiB: 512,
  });
  assert.deepEqual(services.orders, described.services.orders);
  assert.deepEqual({ ...others, services: described.services }, described);
  assert.deepEqual(described, before, "the description itself stays as it is");
});

test("an override of a service that is not described is refused", () => {
  assert.throws(
    () => withOverrides(described, { user: {}, orders: {}, gateway: {} }),
    new RunError("flotilla:overrides names unknown services: user, gateway. Known are users, orders."),
  );
});
