import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceSummary } from "../../engine/events";
import { toManifests } from "./manifests";
import { onPaper } from "./on-paper";

function resource(kind: string, inputs: object, secret = false): ResourceSummary {
  const type = `kubernetes:core/v1:${kind}`;
  return { urn: kind, type, name: kind, inputs: { kind, apiVersion: "v1", ...inputs }, outputs: {}, secret };
}

const stack = [
  { ...resource("Stack", {}), type: "pulumi:pulumi:Stack" },
  resource("Namespace", { metadata: { name: "shop" } }),
  resource("Secret", { metadata: { name: "key", namespace: "shop" }, stringData: { key: "s3cret" } }, true),
  resource("Service", {
    spec: { ports: [{ port: 80 }] },
    metadata: {
      annotations: { "pulumi.com/skipAwait": "true", "example.com/a": "b" },
      name: "users",
      namespace: "shop",
    },
    __defaults: [],
  }),
];

test("objects stand in order, without what only Pulumi reads, and secrets are only named", () => {
  assert.equal(
    toManifests(stack, false),
    `# Left out, as it holds secrets (--show-secrets): Secret shop/key
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: Service
metadata:
  name: users
  namespace: shop
  annotations:
    example.com/a: b
spec:
  ports:
    - port: 80
`,
  );
});

test("an image has its digest, or the tag that it will have where it was not pushed yet", () => {
  const spec = (image: string) => ({ metadata: { name: "users" }, spec: { image } });
  const pushed = `registry.example.com/shop/users@sha256:${"0".repeat(64)}`;
  assert.match(
    toManifests([resource("Pod", spec(pushed))], false),
    new RegExp(`^ {2}image: ${pushed}$`, "m"),
  );
  const { sha256Digest } = onPaper.docker("docker:index/registryImage:RegistryImage", {
    name: "registry.example.com/shop/users:abc",
  });
  const unpushed = `registry.example.com/shop/users@${sha256Digest}`;
  assert.match(
    toManifests([resource("Pod", spec(unpushed))], false),
    /^ {2}image: registry\.example\.com\/shop\/users:abc$/m,
  );
});

test("secrets are printed where they are asked for", () => {
  const shown = toManifests(stack, true);
  assert.match(
    shown,
    /kind: Secret\nmetadata:\n {2}name: key\n {2}namespace: shop\nstringData:\n {2}key: s3cret\n/,
  );
  assert.doesNotMatch(shown, /Left out/);
});
