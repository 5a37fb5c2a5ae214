import assert from "node:assert/strict";
import { test } from "node:test";
import { paperProvider } from "./paper";

const context = {
  ...{ urn: "urn", type: "docker:index/remoteImage:RemoteImage", name: "users-image" },
  signal: new AbortController().signal,
  progress: () => undefined,
};

test("a resource is as the program says, with what is computed of it", async () => {
  const paper = paperProvider((type, { name }) => ({ imageId: `${name} of ${type}` }));
  const checked = await paper.check(context, undefined, { name: "users:1" });
  assert.deepEqual(checked, { inputs: { name: "users:1" }, failures: [] });
  const made = await paper.create(context, checked.inputs);
  const imageId = "users:1 of docker:index/remoteImage:RemoteImage";
  assert.deepEqual(made, { id: "users-image", outputs: { name: "users:1", imageId } });

  // The real provider stores its defaults with what the program says.
  const old = { ...made, inputs: { ...checked.inputs, keepLocally: false } };
  assert.equal((await paper.diff(context, old, { name: "users:1" })).changed, false);
  const { changed, changedKeys, replaceKeys } = await paper.diff(context, old, { name: "users:2" });
  assert.deepEqual(
    { changed, changedKeys, replaceKeys },
    { changed: true, changedKeys: ["name"], replaceKeys: [] },
  );
  const updated = await paper.update(context, old, { name: "users:2" });
  assert.equal(updated.imageId, "users:2 of docker:index/remoteImage:RemoteImage");
});
