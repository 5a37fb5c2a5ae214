import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { known, Recorder, revealed, settled } from "../tests/recorder";
import type { FileSpec } from "./platform";
import type { RegistryKindName } from "./registries";
import { Registry } from "./registry";

const recorder = new Recorder();

test("an unknown kind and a bad name are told at once", () => {
  assert.throws(
    () => new Registry("My registry", { platform: new FakePlatform(), kind: "zoo" as RegistryKindName }),
    (error) => {
      assert(pulumi.RunError.isInstance(error));
      assert.deepEqual(error.message.split("\n"), [
        'Registry "My registry": name must be lower-case letters, digits and dashes, starting with a letter, got "My registry". Write "my-registry".',
        'Registry "My registry": kind must be one of etcd, native, got "zoo". Write "etcd".',
      ]);
      return true;
    },
  );
});

test("the target's own names need no workload", () => {
  const platform = new FakePlatform();
  const registry = new Registry("plain", { platform, kind: "native" });
  assert.deepEqual(registry.discovery, { arguments: ["--registry", "native"], bundles: [] });
  assert.equal(registry.workload, undefined);
  assert.deepEqual([platform.running, platform.pulls], [[], []]);
});

test("etcd runs behind a gate, with TLS and authentication, reached by its name", async () => {
  const platform = new FakePlatform();
  const registry = new Registry("registry", { platform, kind: "etcd" });
  assert.deepEqual(platform.pulls, [
    { name: "registry-etcd", reference: "catalogue/etcd:1", credentials: undefined },
  ]);
  const { main, sidecars, ...spec } = registry.workload!.spec;
  assert.deepEqual(spec, {
    lifetime: "service",
    init: [],
    tasks: [],
    ports: [{ name: "client", port: 2379, protocol: "tcp", scheme: "https" }],
    volumes: [{ name: "data", kind: "ephemeral", sizeMiB: 256 }],
    replicas: 1,
    rollout: "recreate",
    startAfter: [],
    drainSeconds: 0,
    admits: "platform",
  });
  assert.deepEqual(main.entrypoint, ["etcd"]);
  const listens = main.command!.map((word, index, all) => [word, all[index + 1]]);
  assert.deepEqual(
    listens.filter(([word]) => String(word).startsWith("--listen")).map(([, url]) => url),
    ["https://127.0.0.1:2378", "http://127.0.0.1:2380"],
    "etcd itself is reached on loopback only",
  );
  assert.deepEqual([main.awaitHealthy, main.hardening.readOnlyRootFilesystem], [false, true]);
  assert.deepEqual(
    sidecars.map(({ name, order }) => [name, order]),
    [["agent-gate", "after"]],
  );
  assert.deepEqual(sidecars[0].command, [
    ...["etcd-gate", "--listen", ":2379", "--etcd", "https://127.0.0.1:2378"],
    ...["--ca-file", "/run/secrets/etcd/ca.pem", "--root-password-file", "/run/secrets/etcd/root-password"],
    ...["--user", "flotilla", "--password-file", "/run/secrets/etcd/password"],
    ...["--prefix", "/flotilla/shop-test/", "--ready-listen", ":15000"],
  ]);
  assert.deepEqual(registry.discovery.arguments, [
    ...["--registry", "etcd", "--registry-endpoint", "https://registry:2379"],
    ...["--registry-prefix", "/flotilla/shop-test/", "--registry-user", "flotilla"],
    ...["--registry-password-file", "/run/secrets/registry/password"],
    ...["--registry-ca-file", "/run/secrets/registry/ca.pem"],
  ]);
  await settled();
  const all = async (files: FileSpec[]) => {
    const contents = await Promise.all(files.map(({ content }) => known(pulumi.output(content))));
    return files.map(({ path, secret }, index) => [path, contents[index], secret]);
  };
  const password = "secret-of-registry-agent-password";
  const authority = "authority-of-registry-authority";
  assert.deepEqual(await all(registry.discovery.bundles[0].files), [
    ["/run/secrets/registry/password", password, true],
    ["/run/secrets/registry/ca.pem", authority, false],
  ]);
  assert.deepEqual(await all(sidecars[0].files), [
    ["/run/secrets/etcd/ca.pem", authority, false],
    ["/run/secrets/etcd/root-password", "secret-of-registry-root-password", true],
    ["/run/secrets/etcd/password", password, true],
  ]);
  assert.deepEqual(await all(main.files), [
    ["/run/secrets/etcd/certificate.pem", "certificate-of-registry-certificate", false],
    ["/run/secrets/etcd/key.pem", "key-of-registry-server-key", true],
  ]);
});

test("the server's certificate is for its name and loopback, signed by an authority of its own", async () => {
  await settled();
  const request = recorder.one("tls:index/certRequest:CertRequest", "registry-request").inputs;
  assert.deepEqual(request.dnsNames, ["registry", "localhost"]);
  assert.deepEqual(request.ipAddresses, ["127.0.0.1"]);
  assert.deepEqual(request.subject, { commonName: "registry" });
  const authority = recorder.one("tls:index/selfSignedCert:SelfSignedCert", "registry-authority").inputs;
  assert.deepEqual([authority.isCaCertificate, authority.validityPeriodHours], [true, 87600]);
  assert.equal(revealed(authority.privateKeyPem), "key-of-registry-authority-key");
  const signed = recorder.one("tls:index/locallySignedCert:LocallySignedCert", "registry-certificate").inputs;
  assert.deepEqual(signed.allowedUses, ["digital_signature", "key_encipherment", "server_auth"]);
  assert.equal(signed.caCertPem, "authority-of-registry-authority");
  for (const [name, { algorithm, ecdsaCurve }] of recorder.byName("tls:index/privateKey:PrivateKey")) {
    assert.deepEqual([algorithm, ecdsaCurve], ["ECDSA", "P256"], name);
  }
});
