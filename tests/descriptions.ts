/** Descriptions by chance: valid ones, and what becomes of them when something in them is changed. */
import assert from "node:assert/strict";
import * as os from "node:os";
import * as path from "node:path";
import { RunError } from "@pulumi/pulumi/errors";
import * as fc from "fast-check";
import { registryKinds } from "../components/registries";
import type { Architecture, ArchitectureInput } from "../infra/architecture";
import { parseArchitecture } from "../infra/parse-architecture";
import { failuresOf, Recorder } from "./recorder";

// No machine's own record of images may show here.
process.env.XDG_CACHE_HOME = path.join(os.tmpdir(), "flotilla-no-such-cache");

type Services = ArchitectureInput["services"];
type Service = Services[string];

const NAMES = ["users", "orders", "payments", "stock"];
const IMAGE = "registry.example.com/app:1";

const memory = fc.oneof(
  fc.record({ memoryMiB: fc.integer({ min: 6, max: 1024 }) }),
  fc.constantFrom({ memory: "64MiB" }, { memory: "1GiB" }, {}),
);
const cpu = fc.constantFrom({ cpu: "0.5" }, { cpu: "250m" }, { cpuMillicores: 100 }, {});
const resources = fc.tuple(memory, cpu).map(([one, other]) => ({ ...one, ...other }));
const source = fc.constantFrom({ image: IMAGE }, { image: "catalogue:redis" }, { build: "services/users" });

// Within what every target keeps: ECS asks no more often.
const timing = fc.record(
  {
    intervalSeconds: fc.integer({ min: 5, max: 300 }),
    timeout: fc.constantFrom("2s", "1m"),
    retries: fc.integer({ min: 1, max: 10 }),
    startPeriodSeconds: fc.integer({ min: 0, max: 300 }),
  },
  { requiredKeys: [] },
);
const probe = fc
  .tuple(
    fc.constantFrom(
      { http: { path: "/readyz" } },
      { grpc: { service: "users" } },
      { tcp: { port: 8080 } },
      { exec: { command: ["/bin/check"] } },
    ),
    timing,
  )
  .map(([kind, when]) => ({ ...kind, ...when }));

const beside = fc.record(
  {
    environment: fc.constant({ LEVEL: "info" }),
    files: fc.constantFrom(
      { "/etc/app/a": "a" },
      { "/etc/app/b": { content: "b", mode: "0400", live: true } },
    ),
    secretFiles: fc.constant({ "/run/secrets/key": "key {{key}}" }),
    stopGraceSeconds: fc.integer({ min: 0, max: 120 }),
    hardening: fc.record({ runAsUser: fc.integer({ min: 1, max: 65535 }) }),
  },
  { requiredKeys: [] },
);
const named = fc
  .tuple(fc.constantFrom("first", "second"), resources, beside)
  .map(([name, ...parts]) => ({ name, image: IMAGE, ...Object.assign({}, ...parts) }));

// By what every cluster measures: other metrics are asked of the cluster, and there is none here.
const scaled = fc.constantFrom(
  {},
  { replicas: 2 },
  { replicas: { min: 1, max: 3 } },
  { replicas: { min: 1, max: 3 }, autoscaling: { cpuPercent: 60, scaleInCooldown: "1m" } },
  { replicas: { min: 1, max: 3 }, autoscaling: { memoryPercent: 60 } },
);
const ports = fc.constantFrom<Service["ports"]>(
  [8080],
  [{ port: 8080 }, { port: 9090, name: "admin", protocol: "grpc" }],
  [{ port: 8080, name: "web", scheme: "https" }],
);

/** One service, `earlier` being those that are described before it. */
function service(earlier: string[]): fc.Arbitrary<Service> {
  const others = fc.subarray(earlier);
  const more = fc.record(
    {
      probe,
      calls: others,
      startAfter: others,
      sidecars: fc.array(named, { maxLength: 1 }),
      initContainers: fc.array(
        named.map((one) => ({ ...one, name: "init" })),
        { maxLength: 1 },
      ),
      tasks: fc.array(
        named.map((one) => ({ ...one, name: "task" })),
        { maxLength: 1 },
      ),
      volumes: fc.constantFrom(
        { data: { path: "/data" } },
        { data: { path: "/data", kind: "persistent" as const } },
      ),
      metadata: fc.constant({ version: "2" }),
      extends: fc.constantFrom("base", "small"),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(source, ports, resources, beside, scaled, more).map(([from, listening, ...parts]) => {
    const whole = Object.assign({ ...from, ports: listening }, ...parts) as Service;
    // On ECS all replicas would share the volume.
    return keepsData(whole) ? { ...whole, replicas: undefined, autoscaling: undefined } : whole;
  });
}

function keepsData({ volumes = {} }: Service): boolean {
  return Object.values(volumes).some(({ kind }) => kind === "persistent");
}

/** A description that must be accepted. */
export const description: fc.Arbitrary<ArchitectureInput> = fc
  .integer({ min: 1, max: NAMES.length })
  .chain((count) => {
    const names = NAMES.slice(0, count);
    const services = fc.tuple(...names.map((_, index) => service(names.slice(0, index))));
    const kind = fc.constantFrom(...(Object.keys(registryKinds) as (keyof typeof registryKinds)[]));
    return fc.tuple(services, kind, fc.subarray(names, { minLength: 1 })).map(([list, registry, routed]) => ({
      name: "edge",
      registry: { kind: registry },
      secrets: { key: { length: 20 } },
      templates: {
        base: { restart: "always" as const },
        small: { extends: "base", metadata: { size: "small" } },
      },
      services: Object.fromEntries(list.map((one, index) => [names[index], one])),
      gateway: { routes: routed.map((to) => ({ path: `/${to}`, to, timeout: "10s" })) },
    }));
  });

type Json = Record<string, unknown> | unknown[];

const ODD = [
  null,
  true,
  -1,
  0,
  0.5,
  1e12,
  "",
  "x",
  "5s",
  "{{key}}",
  [],
  {},
  [null],
  { a: 1 },
  ["users"],
  "../x",
];

/** A description in which one thing was taken out, renamed, or put in place of another. */
export const changed: fc.Arbitrary<unknown> = fc
  .tuple(description, fc.nat(), fc.constantFrom("remove", "rename", "replace"), fc.constantFrom(...ODD))
  .map(([good, where, how, odd]) => {
    const whole = JSON.parse(JSON.stringify(good)) as Record<string, unknown>;
    const places = [...members(whole)];
    const [holder, key] = places[where % places.length];
    const members_ = holder as Record<string, unknown>;
    if (how === "rename" && !Array.isArray(holder)) {
      members_[`${key}s`] = members_[key];
    }
    if (how === "replace") {
      members_[key] = structuredClone(odd);
    } else if (Array.isArray(holder)) {
      holder.splice(Number(key), 1);
    } else {
      delete members_[key];
    }
    return whole;
  });

/** Every place of a value: what holds it, and under which key. */
function* members(value: unknown): Generator<[Json, string]> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      yield [value as Json, key];
      yield* members(inner);
    }
  }
}

/** The architecture; undefined when it is refused, which must be in sentences of ours. */
export function accepted(input: unknown): Architecture | undefined {
  try {
    return parseArchitecture(input, "shop.ts");
  } catch (error) {
    assert(RunError.isInstance(error), `it crashed: ${(error as Error).stack}`);
    for (const line of error.message.split("\n")) {
      assert.match(line, /^shop\.ts: \S.* (must|is|names|needs?|have|goes) .*, got .*\. [A-Z].*\.$/s);
    }
    return undefined;
  }
}

/** Each target's program, with settings that it takes. */
export const TARGETS: Record<string, (architecture: Architecture) => unknown> = {
  docker: (architecture) => {
    const { deploy } = require("../stacks/docker") as typeof import("../stacks/docker");
    deploy({ target: "docker", architecture, settings: {} });
  },
  kubernetes: (architecture) => {
    const { deploy } = require("../stacks/kubernetes") as typeof import("../stacks/kubernetes");
    const settings = { cluster: { context: "test" }, images: { push: "registry.example.com/shop" } };
    deploy({ target: "kubernetes", architecture, settings });
  },
  ecs: (architecture) => {
    const { deploy } = require("../stacks/ecs") as typeof import("../stacks/ecs");
    return deploy({ target: "ecs", architecture, settings: { region: "eu-central-1" } });
  },
};

/** Deploys on one target; each resource must have a name of its own. Returns how many there are. */
export async function deployed(target: string, architecture: Architecture): Promise<number> {
  const recorder = new Recorder();
  const failures = await failuresOf(() => TARGETS[target](architecture));
  assert.deepEqual(failures, [], target);
  const urns = recorder.resources.map(
    ({ type, name, parent }) => `${parent.split("::").at(-2)} ${type} ${name}`,
  );
  const twice = urns.filter((urn, index) => urns.indexOf(urn) !== index);
  assert.deepEqual(twice, [], `${target}: resources with the same name`);
  return recorder.resources.length;
}
