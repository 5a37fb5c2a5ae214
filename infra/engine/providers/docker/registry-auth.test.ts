import assert from "node:assert/strict";
import { test } from "node:test";
import { authFor, parseRegistryAuth, registryConfig, registryOf } from "./registry-auth";

const entries = [
  { address: "https://registry.example.com/v2/", username: "u", password: "p" },
  { address: "docker.io", username: "h", password: "q" },
];

test("the provider's configuration comes as a list or as JSON", () => {
  const expected = [
    { address: "registry.example.com", username: "u", password: "p" },
    { address: "docker.io", username: "h", password: "q" },
  ];
  assert.deepEqual(parseRegistryAuth(entries), expected);
  assert.deepEqual(parseRegistryAuth(JSON.stringify(entries)), expected);
  assert.deepEqual(parseRegistryAuth(undefined), []);
});

test("what is not served or not whole is refused", () => {
  assert.throws(() => parseRegistryAuth([{ address: "a", configFile: "f" }]), {
    message:
      "docker provider: registryAuth.configFile is not served by the embedded engine. " +
      "Write address, username and password.",
  });
  assert.throws(() => parseRegistryAuth([{ address: "a", username: "u" }]), {
    message: 'docker provider: registryAuth for "a" needs address, username and password.',
  });
});

const REGISTRIES: [string, string][] = [
  ["redis", ""],
  ["library/redis:7", ""],
  ["localhost/redis", "localhost"],
  ["localhost:5000/redis", "localhost:5000"],
  ["registry.example.com/a/b:1", "registry.example.com"],
];

for (const [reference, registry] of REGISTRIES) {
  test(`${reference} is of registry "${registry}"`, () => assert.equal(registryOf(reference), registry));
}

test("credentials go to their own registry only", () => {
  const credentials = parseRegistryAuth(entries);
  const own = { username: "u", password: "p", serveraddress: "registry.example.com" };
  assert.deepEqual(authFor("registry.example.com/a:1", credentials), own);
  assert.deepEqual(authFor("redis", credentials), {
    username: "h",
    password: "q",
    serveraddress: "docker.io",
  });
  assert.equal(authFor("other.example.com/a", credentials), undefined);
});

test("a build gets them all, Docker Hub's under the daemon's name for it", () => {
  assert.deepEqual(registryConfig(parseRegistryAuth(entries)), {
    "registry.example.com": { username: "u", password: "p" },
    "https://index.docker.io/v1/": { username: "h", password: "q" },
  });
});
