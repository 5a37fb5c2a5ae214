import assert from "node:assert/strict";
import { test } from "node:test";
import { repoDigest } from "./remote-image";

const both = ["127.0.0.1:5000/nginx@sha256:a", "nginx@sha256:b"];
const CASES: [string, string[], string][] = [
  ["built:1", [], ""],
  ["nginx:1.27", ["other@sha256:c"], "other@sha256:c"],
  ["nginx:1.27", both, "nginx@sha256:b"],
  ["127.0.0.1:5000/nginx:1", both, "127.0.0.1:5000/nginx@sha256:a"],
  ["127.0.0.1:5000/nginx", both, "127.0.0.1:5000/nginx@sha256:a"],
];

for (const [name, digests, digest] of CASES) {
  test(`${name} of ${digests.length} digests: ${digest || "none"}`, () =>
    assert.equal(repoDigest(name, digests), digest));
}
