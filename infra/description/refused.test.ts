/**
 * What is refused, and in which words: the table is `refused.yaml`. Each case changes one thing of a good description; `null`
 * takes a field out. What a class has itself is put to the class, too, which refuses it in the same words.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { AutoscalingPolicy, Gateway, Microservice, type Microservice as Service } from "../../components";
import { examine } from "../parse-architecture";

type Value = Record<string, unknown>;
type Subject = "microservice" | "policy" | "gateway" | "description" | "overrides";
type Case = Partial<Record<Subject, Value>> & { refused: string[] };

const CASES = parse(fs.readFileSync(path.join(__dirname, "refused.yaml"), "utf8")) as Case[];

const SERVICE = { image: "users:1", ports: [8080] };
const GATEWAY = { routes: [{ path: "/", to: "users" }] };
const GOOD: Value = {
  name: "edge",
  registry: { kind: "etcd" },
  secrets: { password: {} },
  services: {
    users: SERVICE,
    orders: { image: "orders:1", ports: [8080, { port: 9090, name: "admin" }] },
    worker: { image: "worker:1" },
    redis: { image: "redis:7", ports: [{ port: 6379, protocol: "tcp" }] },
  },
  gateway: GATEWAY,
};

function changed(base: unknown, change: unknown): unknown {
  if (!isObject(base) || !isObject(change)) {
    return change;
  }
  const members = Object.entries({ ...base, ...change }).map(([key, value]) => {
    return [key, Object.hasOwn(change, key) ? changed(base[key], change[key]) : value];
  });
  return Object.fromEntries(members.filter(([, value]) => value !== null));
}

function isObject(value: unknown): value is Value {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const withUsers = (users: Value): unknown => changed(GOOD, { services: { users } });
const POLICY = { replicas: { min: 1, max: 3 } };

/** Each subject's description, and what its messages begin with there. */
const DESCRIBED: Record<Subject, { of(change: Value): unknown; prefix: string }> = {
  microservice: { of: withUsers, prefix: "shop.yaml: services.users." },
  policy: {
    of: (autoscaling) => withUsers({ ...POLICY, autoscaling }),
    prefix: "shop.yaml: services.users.autoscaling.",
  },
  gateway: { of: (gateway) => changed(GOOD, { gateway }), prefix: "shop.yaml: gateway." },
  description: { of: (change) => changed(GOOD, change), prefix: "shop.yaml: " },
  overrides: { of: () => GOOD, prefix: "Pulumi.dev.yaml flotilla:overrides: " },
};

/** Each class with the arguments, and what its messages begin with. */
const MADE: Partial<Record<Subject, { make(args: Value): unknown; prefix: string }>> = {
  microservice: {
    make: (args) => new Microservice("users", changed(SERVICE, args) as never),
    prefix: 'Microservice "users": ',
  },
  policy: {
    make: (args) => {
      const target = { serviceName: "users", workload: { spec: POLICY } } as unknown as Service;
      return new AutoscalingPolicy("users", { ...args, target });
    },
    prefix: 'AutoscalingPolicy "users": ',
  },
  gateway: {
    make: (args) => new Gateway("edge", changed({ ...GATEWAY, platform: {} }, args) as never),
    prefix: 'Gateway "edge": ',
  },
};

for (const { refused, ...given } of CASES) {
  const [[subject, change]] = Object.entries(given) as [[Subject, Value]];
  const words = JSON.stringify(change);

  test(`${subject} ${words} is refused`, () => {
    const { of, prefix } = DESCRIBED[subject];
    const overrides = {
      input: subject === "overrides" ? change : {},
      source: { name: "Pulumi.dev.yaml flotilla:overrides" },
    };
    const { messages } = examine({ input: of(change), source: { name: "shop.yaml" } }, overrides);
    assert.deepEqual(
      messages,
      refused.map((message) => prefix + message),
    );
  });

  const made = MADE[subject];
  if (made !== undefined) {
    test(`the class refuses ${subject} ${words} in the same words`, () => {
      assert.throws(() => made.make(change), {
        message: refused.map((message) => made.prefix + message).join("\n"),
      });
    });
  }
}

test("the table is as long as it should be", () => {
  assert(CASES.length >= 120, `${CASES.length} cases`);
  assert.equal(new Set(CASES.map((one) => JSON.stringify(one))).size, CASES.length);
});
