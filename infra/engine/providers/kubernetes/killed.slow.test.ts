import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { TestStack } from "../../testing/test-stack";
import { walkThroughLife } from "../../testing/walk";
import { FakeApi } from "./testing/fake-api";
import { KUBECONFIG_FILE, lifecycle } from "./testing/lifecycle";

test("a run on a cluster that is killed at any point is brought to its end by the next one", async () => {
  const api = await FakeApi.start();
  after(() => api.stop());
  const stack = new TestStack(mkdtempSync(path.join(tmpdir(), "flotilla-killed-")));
  writeFileSync(path.join(stack.directory, KUBECONFIG_FILE), api.kubeconfig());
  /** All objects, with their generated names left out. */
  const end = async () =>
    [...api.objects]
      .map(([name, { data, stringData }]) => [name.replace(/replaced-\w+/, "replaced"), data, stringData])
      .sort();
  const module = path.join(__dirname, "testing", "lifecycle.ts");
  const kills = await walkThroughLife({ module, lifecycle, end }, stack, 0, 1);
  assert.ok(kills > 50, `${kills} kills`);
  assert.deepEqual(await end(), []);
  stack.remove();
});
