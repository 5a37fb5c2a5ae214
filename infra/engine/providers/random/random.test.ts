import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compare } from "bcryptjs";
import type { CallContext, Properties, Provider } from "../../provider";
import { createRandomProvider } from ".";

const provider = createRandomProvider() as Provider;

function context(type: string): CallContext {
  const token = `random:index/${type[0].toLowerCase()}${type.slice(1)}:${type}`;
  return {
    ...{ urn: `urn:pulumi:s::p::${token}::x`, type: token, name: "x" },
    ...{ signal: new AbortController().signal, progress: () => undefined },
  };
}

async function make(type: string, inputs: Properties) {
  const checked = await provider.check(context(type), undefined, inputs);
  assert.deepEqual(checked, { inputs, failures: [] });
  return provider.create(context(type), inputs);
}

suite("RandomPassword", () => {
  test("stores what Pulumi's plugin stores", async () => {
    const { id, outputs } = await make("RandomPassword", { length: 24, special: false });
    assert.equal(id, "none");
    assert.match(outputs.result, /^[a-zA-Z0-9]{24}$/);
    assert.equal(await compare(outputs.result, outputs.bcryptHash), true);
    const { result: _, bcryptHash: __, ...others } = outputs;
    assert.deepEqual(others, {
      ...{ __meta: '{"schema_version":"3"}', id: "none", length: 24 },
      ...{ lower: true, upper: true, number: true, numeric: true, special: false },
      ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
    });
    assert.deepEqual(provider.secretOutputs?.(context("RandomPassword").type), ["bcryptHash", "result"]);
  });

  test("keeps the minimums, and draws the rest from the classes that are on", async () => {
    const { outputs } = await make("RandomPassword", {
      ...{ length: 8, lower: false, upper: false, numeric: false },
      ...{ minNumeric: 3, minUpper: 2, overrideSpecial: "#" },
    });
    const sorted = [...outputs.result].sort().join("");
    assert.match(sorted, /^###\d{3}[A-Z]{2}$/);
  });

  test("a changed input or keeper makes a new one; a default that is written out does not", async () => {
    const inputs = { length: 8, keepers: { version: "1" } };
    const old = { id: "none", inputs, outputs: {} };
    const diff = (next: Properties) => provider.diff(context("RandomPassword"), old, next);
    assert.deepEqual((await diff({ ...inputs, special: true, minLower: 0 })).changed, false);
    assert.deepEqual((await diff({ ...inputs, keepers: { version: "2" } })).replaceKeys, ["keepers"]);
    assert.deepEqual((await diff({ ...inputs, length: 9 })).replaceKeys, ["length"]);
  });

  for (const [inputs, failure] of [
    [{}, { property: "length", reason: "is required" }],
    [{ length: 0 }, { property: "length", reason: "must be a whole number of at least 1, got 0" }],
    [
      { length: 3, minLower: 2, minUpper: 2 },
      { property: "length", reason: "must be at least 4, the sum of the minimums, got 3" },
    ],
    [
      { length: 3, lower: false, upper: false, numeric: false, special: false },
      { property: "lower", reason: "must be true, or upper, numeric or special must" },
    ],
  ] as const) {
    test(`refuses ${JSON.stringify(inputs)}`, async () => {
      const { failures } = await provider.check(context("RandomPassword"), undefined, inputs);
      assert.deepEqual(failures, [failure]);
    });
  }
});

test("RandomString is its own id", async () => {
  const { id, outputs } = await make("RandomString", { length: 8, special: false, upper: false });
  assert.match(id, /^[a-z0-9]{8}$/);
  assert.deepEqual(outputs, {
    ...{ __meta: '{"schema_version":"2"}', id, result: id, length: 8 },
    ...{ lower: true, upper: false, number: true, numeric: true, special: false },
    ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
  });
});

test("RandomId is the same bytes in every form, with the prefix before each", async () => {
  const { id, outputs } = await make("RandomId", { byteLength: 4, prefix: "x-" });
  const bytes = Buffer.from(id, "base64url");
  assert.equal(bytes.length, 4);
  assert.deepEqual(outputs, {
    ...{ id, byteLength: 4, prefix: "x-", b64Url: `x-${id}` },
    ...{ b64Std: `x-${bytes.toString("base64")}`, hex: `x-${bytes.toString("hex")}` },
    dec: `x-${bytes.readUInt32BE()}`,
  });
});

test("RandomBytes, RandomUuid and RandomInteger", async () => {
  const bytes = await make("RandomBytes", { length: 32 });
  assert.equal(Buffer.from(bytes.outputs.base64, "base64").toString("hex"), bytes.outputs.hex);
  assert.equal(bytes.id, bytes.outputs.base64);
  assert.equal(bytes.outputs.hex.length, 64);
  const uuid = await make("RandomUuid", {});
  assert.match(uuid.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const integer = await make("RandomInteger", { min: 7, max: 7 });
  assert.deepEqual(integer, { id: "7", outputs: { id: "7", min: 7, max: 7, result: 7 } });
});

test("names the types that there are", async () => {
  await assert.rejects(
    () => provider.create(context("RandomPet"), {}),
    /The embedded engine's random provider has no random:index\/randomPet:RandomPet \(it has .*RandomUuid\)\. Use Pulumi's CLI/,
  );
});
