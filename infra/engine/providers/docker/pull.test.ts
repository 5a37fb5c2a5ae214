import assert from "node:assert/strict";
import { test } from "node:test";
import { LayerProgress, withTag } from "./pull";

const REFERENCES: [string, string][] = [
  ["redis", "redis:latest"],
  ["redis:7", "redis:7"],
  ["localhost:5000/redis", "localhost:5000/redis:latest"],
  ["redis@sha256:abc", "redis@sha256:abc"],
  ["a.example/b/c:1", "a.example/b/c:1"],
];

for (const [reference, full] of REFERENCES) {
  test(`${reference} is pulled as ${full}`, () => assert.equal(withTag(reference), full));
}

test("layers are counted, and nothing is said twice", () => {
  const progress = new LayerProgress();
  const said = [
    { status: "Pulling from library/redis", id: "7" },
    { status: "Already exists", id: "a" },
    { status: "Pulling fs layer", id: "b" },
    { status: "Downloading", id: "b" },
    { status: "Pull complete", id: "b" },
    { status: "Digest: sha256:0" },
  ].map((message) => progress.take(message));
  const expected = ["pulling: 1 of 1 layers", "pulling: 1 of 2 layers", undefined, "pulling: 2 of 2 layers"];
  assert.deepEqual(said, [undefined, ...expected, undefined]);
});
