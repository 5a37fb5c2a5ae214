import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { registryKindOf } from "./registry-kind";

test("the kind of registry is the settings', else the description's, else unknown", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "flotilla-registry-kind-"));
  try {
    writeFileSync(path.join(directory, "shop.yaml"), "registry:\n  kind: consul\n");
    const kindOf = (values: Record<string, string>) =>
      registryKindOf(
        { get: (key) => (key in values ? { value: values[key], secret: false } : undefined) },
        directory,
      );
    const described = { "flotilla:architecture": "shop.yaml" };
    assert.equal(kindOf(described), "consul");
    assert.equal(kindOf({ ...described, "flotilla:settings": '{"registryKind":"zookeeper"}' }), "zookeeper");
    assert.equal(kindOf({ "flotilla:architecture": "none.yaml" }), undefined);
    assert.equal(kindOf({}), undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
