import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { examine } from "../parse-architecture";
import type { JsonSchema } from "./json-schema";
import { generatedFiles } from "./write";

const ROOT = path.resolve(__dirname, "../..");
const files = generatedFiles();
const schema = JSON.parse(files.get("docs/architecture.schema.json")!) as JsonSchema;

test("what is generated is fresh", () => {
  for (const [file, content] of files) {
    const written = fs.readFileSync(path.join(ROOT, file), "utf8");
    assert.equal(written, content, `${file} is old. Run npm run schema.`);
  }
});

test("every field of the description is described", () => {
  const gaps: string[] = [];
  let fields = 0;
  const visit = (part: unknown, at: string): void => {
    if (typeof part !== "object" || part === null) {
      return;
    }
    for (const [field, property] of Object.entries((part as JsonSchema).properties ?? {})) {
      fields++;
      if ((property.description ?? "") === "") {
        gaps.push(`${at}.${field}`);
      }
    }
    for (const [key, inner] of Object.entries(part)) {
      visit(inner, `${at}/${key}`);
    }
  };
  visit(schema, "");
  assert.deepEqual(gaps, []);
  assert(fields > 120, `found only ${fields} fields`);
});

/** A good service in which one field of one of its parts can be set. */
const PLACES: Record<string, (field: string, value: number) => object> = {
  MicroserviceArgs: (field, value) => ({ [field]: value }),
  ProbeArgs: (field, value) => ({ probe: { tcp: {}, [field]: value } }),
  HardeningArgs: (field, value) => ({ hardening: { [field]: value } }),
  VolumeArgs: (field, value) => ({ volumes: { data: { path: "/data", [field]: value } } }),
  PortArgs: (field, value) => ({ ports: [{ [field]: value }] }),
  ScalingMetrics: (field, value) => ({
    replicas: { min: 1, max: 2 },
    autoscaling: { cpuPercent: 50, [field]: value },
  }),
};

test("the ranges and defaults that the docstrings tell are those that hold", () => {
  let ranges = 0;
  for (const [name, of] of Object.entries(PLACES)) {
    for (const [field, { minimum, maximum, default: fallback }] of Object.entries(
      schema.$defs![name].properties!,
    )) {
      if (minimum === undefined || maximum === undefined) {
        continue;
      }
      ranges++;
      const isTaken = (value: number): boolean => {
        const users = { image: "users:1", ports: [8080], ...of(field, value) };
        const gateway = { routes: [{ path: "/", to: "users" }] };
        const input = { name: "edge", registry: { kind: "native" }, services: { users }, gateway };
        const none = { input: {}, source: { name: "overrides" } };
        return examine({ input, source: { name: "shop.ts" } }, none).messages.length === 0;
      };
      const tried = [minimum - 1, minimum, maximum, maximum + 1].map(isTaken);
      assert.deepEqual(tried, [false, true, true, false], `${name}.${field}: ${minimum} to ${maximum}`);
      assert(fallback === undefined || isTaken(fallback as number), `${name}.${field}: default ${fallback}`);
    }
  }
  assert(ranges >= 14, `found only ${ranges} ranges`);
});
