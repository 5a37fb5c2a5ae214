import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceRecord } from "./records";
import { verifyIntegrity } from "./verify";

function record(name: string, more: Partial<ResourceRecord> = {}): ResourceRecord {
  return { urn: name, custom: true, type: "fake:index:Thing", inputs: {}, outputs: {}, ...more };
}

const provider = record("p", { type: "pulumi:providers:fake", id: "1" });

for (const [what, resources, problem] of [
  ["a dependency that comes later", [record("a", { dependencies: ["b"] }), record("b")], "a refers to b,"],
  ["a missing parent", [record("a", { parent: "b" })], "a refers to b,"],
  [
    "a missing dependency of a property",
    [record("a", { propertyDependencies: { x: ["b"] } })],
    "a refers to b,",
  ],
  [
    "a provider with another id",
    [provider, record("a", { provider: "p::2" })],
    "a refers to the unknown provider p::2",
  ],
  ["a live duplicate", [record("a"), record("a")], "a is there twice"],
  ["a component with an id", [record("a", { custom: false, id: "1" })], "the component a has the id 1"],
  ["a resource without a type", [record("a", { type: "" })], "a resource has no URN or no type"],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => verifyIntegrity(resources), {
      message: new RegExp(`so it was not written: ${problem}`),
    });
  });
}

test("takes a resource beside the old one that it replaced", () => {
  verifyIntegrity([
    provider,
    record("a", { provider: "p::1" }),
    record("b", { dependencies: ["a"] }),
    record("a", { delete: true }),
  ]);
});
