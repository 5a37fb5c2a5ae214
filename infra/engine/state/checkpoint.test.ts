import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SECRET, SIGNATURE, secret } from "../wire/values";
import { CheckpointCodec } from "./checkpoint";
import type { ResourceRecord } from "./records";

const STACK = "organization/p/s";
const SALT = "v1:gCaY1L8nO/4=:v1:/iSu57Nq9Ssl4Rje:nv+zCCuEaa8wqe2NRDpj9OI4ynu3bA==";
const record: ResourceRecord = {
  urn: "urn:pulumi:s::p::fake:index:Thing::a",
  custom: true,
  type: "fake:index:Thing",
  inputs: { plain: 1, list: [secret({ deep: "hidden" })] },
  outputs: { same: secret({ deep: "hidden" }) },
};

function codec(passphrase = "correct horse"): CheckpointCodec {
  return new CheckpointCodec(STACK, passphrase, SALT);
}

suite("a checkpoint", () => {
  test("comes back as it was, with its secrets sealed in between", () => {
    const snapshot = {
      resources: [record],
      pendingOperations: [{ type: "creating" as const, resource: record }],
    };
    const text = codec().encode(snapshot);
    assert.ok(!text.includes("hidden"));
    const written = JSON.parse(text);
    assert.deepEqual([written.version, written.checkpoint.stack], [3, STACK]);
    assert.deepEqual(Object.keys(written.checkpoint.latest.resources[0]), [
      ...["urn", "custom", "type", "inputs", "outputs"],
    ]);
    assert.deepEqual(written.checkpoint.latest.secrets_providers, {
      type: "passphrase",
      state: { salt: SALT },
    });
    assert.deepEqual(codec().decode(text, "s.json"), snapshot);
    assert.throws(() => codec("wrong").decode(text, "s.json"), /does not open this stack's secrets/);
  });

  test("written again has what changed since, and drops what is gone", () => {
    const state = codec();
    const resource: ResourceRecord = { ...record, initErrors: ["not ready"] };
    const write = () => JSON.parse(state.encode({ resources: [resource], pendingOperations: [] })).checkpoint;
    assert.deepEqual(write().latest.resources[0].initErrors, ["not ready"]);
    resource.outputs = { ready: true };
    delete resource.initErrors;
    const [written] = write().latest.resources;
    assert.deepEqual(written.outputs, { ready: true });
    assert.equal("initErrors" in written, false);
  });

  test("keeps the ciphertext of secrets that did not change, and unknown fields", () => {
    const first = codec().encode({ resources: [record], pendingOperations: [] });
    const withNews = first.replace('"custom":true', '"custom":true,"viewOf":"x"');
    const second = codec();
    const again = JSON.parse(second.encode(second.decode(withNews, "s.json")));
    const before = JSON.parse(first).checkpoint.latest.resources[0];
    assert.deepEqual(again.checkpoint.latest.resources, [{ ...before, viewOf: "x" }]);
  });

  test("reads secrets that an export shows in plain", () => {
    const exported = {
      checkpoint: {
        latest: {
          resources: [{ ...record, inputs: { a: { [SIGNATURE]: SECRET, plaintext: '"x"' } }, outputs: {} }],
        },
      },
    };
    const { resources } = codec().decode(JSON.stringify({ version: 3, ...exported }), "s.json");
    assert.deepEqual(resources[0].inputs, { a: secret("x") });
  });

  for (const [what, content, message] of [
    ["a newer version", { version: 5 }, "s.json has version 5, which the embedded engine does not know."],
    [
      "a feature that is not ours",
      { version: 4, features: ["snippets"] },
      "s.json uses snippets, which the embedded engine does not know.",
    ],
    [
      "another secrets provider",
      { version: 3, checkpoint: { latest: { secrets_providers: { type: "cloud" } } } },
      's.json has its secrets with "cloud", and the embedded engine knows "passphrase" only.',
    ],
  ] as const) {
    test(`refuses ${what}`, () => {
      assert.throws(() => codec().decode(JSON.stringify(content), "s.json"), {
        message: `${message} Use Pulumi's CLI with this stack.`,
      });
    });
  }
});
