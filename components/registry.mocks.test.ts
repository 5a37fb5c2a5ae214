import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { known, Recorder, revealed, settled } from "../tests/recorder";
import type { FileSpec } from "./container-spec";
import type { RegistryKindName } from "./registries";
import { Registry } from "./registry";

const recorder = new Recorder();

/** Contents of files by path. */
async function contentsOf(files: FileSpec[]): Promise<Record<string, string>> {
  await settled();
  const read = files.map(async ({ path, content }) => [path, await known(pulumi.output(content))]);
  return Object.fromEntries(await Promise.all(read));
}

test("an unknown kind and a bad name are told at once", () => {
  assert.throws(
    () => new Registry("My registry", { platform: new FakePlatform(), kind: "zoo" as RegistryKindName }),
    (error) => {
      assert(pulumi.RunError.isInstance(error));
      assert.deepEqual(error.message.split("\n"), [
        'Registry "My registry": name must be lower-case letters, digits and dashes, starting with a letter, got "My registry". Write "my-registry".',
        'Registry "My registry": kind must be one of etcd, consul, zookeeper, native, got "zoo". Write "etcd".',
      ]);
      return true;
    },
  );
});

test("the target's own names need no workload", () => {
  const platform = new FakePlatform();
  const registry = new Registry("plain", { platform, kind: "native" });
  assert.deepEqual(registry.discovery, { arguments: ["--registry", "native"], bundles: [] });
  assert.deepEqual(registry.workloads, []);
  assert.deepEqual([platform.running, platform.pulls], [[], []]);
});

test("etcd runs behind a gate, with TLS and authentication, reached by its name", async () => {
  const platform = new FakePlatform();
  const registry = new Registry("registry", { platform, kind: "etcd" });
  assert.deepEqual(platform.pulls, [
    { name: "registry-etcd", reference: "catalogue/etcd:1", credentials: undefined },
  ]);
  const { main, sidecars, ...spec } = registry.workloads[0].spec;
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
    ...["gate", "--kind", "etcd", "--server", "https://127.0.0.1:2378"],
    ...["--ca-file", "/run/secrets/server/ca.pem"],
    ...["--admin-secret-file", "/run/secrets/server/root-password", "--user", "flotilla"],
    ...["--secret-file", "/run/secrets/server/password", "--prefix", "/flotilla/shop-test/"],
    ...["--listen", ":2379", "--ready-listen", ":15000"],
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
    ["/run/secrets/server/ca.pem", authority, false],
    ["/run/secrets/server/root-password", "secret-of-registry-root-password", true],
    ["/run/secrets/server/password", password, true],
  ]);
  assert.deepEqual(await all(main.files), [
    ["/run/secrets/server/certificate.pem", "certificate-of-registry-certificate", false],
    ["/run/secrets/server/key.pem", "key-of-registry-server-key", true],
  ]);
});

test("Consul refuses strangers by its own configuration, whose secrets are in no command line", async () => {
  const platform = new FakePlatform();
  const registry = new Registry("consul", { platform, kind: "consul" });
  const { main, sidecars } = registry.workloads[0].spec;
  assert.deepEqual(main.command, ["agent", "-config-file", "/run/secrets/server/consul.json"]);
  const contents = await contentsOf(main.files);
  const { acl, encrypt, ports, tls, bind_addr } = JSON.parse(contents["/run/secrets/server/consul.json"]);
  const admin = (await contentsOf(sidecars[0].files))["/run/secrets/server/admin-token"];
  assert.match(admin, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(acl, {
    enabled: true,
    default_policy: "deny",
    down_policy: "deny",
    tokens: { initial_management: admin, agent: admin },
  });
  assert.deepEqual([ports.http, ports.https, bind_addr], [-1, 8502, "127.0.0.1"]);
  assert.equal(Buffer.from(encrypt, "base64").toString(), "secret-of-consul-gossip-password");
  assert.equal(tls.internal_rpc.verify_server_hostname, true);
  assert.deepEqual(registry.discovery.arguments, [
    ...["--registry", "consul", "--registry-endpoint", "https://consul:8501"],
    ...["--registry-prefix", "shop-test-", "--registry-password-file", "/run/secrets/registry/password"],
    ...["--registry-ca-file", "/run/secrets/registry/ca.pem"],
  ]);
  const [password] = Object.values(await contentsOf(registry.discovery.bundles[0].files));
  assert.equal(password, (await contentsOf(sidecars[0].files))["/run/secrets/server/token"]);
  assert.notEqual(password, admin);
});

test("ZooKeeper's super user is the gate's alone, which speaks TLS for it", async () => {
  const platform = new FakePlatform();
  const registry = new Registry("keeper", { platform, kind: "zookeeper" });
  const { main, sidecars } = registry.workloads[0].spec;
  const file = "/run/secrets/server/zoo.cfg";
  assert.deepEqual(main.entrypoint, ["sh", "-c", `exec zkServer.sh start-foreground ${file}`]);
  const lines = (await contentsOf(main.files))[file].split("\n");
  const digest = createHash("sha1").update("super:secret-of-keeper-super-password").digest("base64");
  assert(lines.includes(`DigestAuthenticationProvider.superDigest=super:${digest}`));
  assert(lines.includes("clientPortAddress=127.0.0.1"));
  assert(!lines.some((line) => line.startsWith("server.")));
  const gate = sidecars[0].command!.join(" ");
  assert.match(gate, /--kind zookeeper --server 127.0.0.1:2180 --certificate-file \S+ --key-file \S+/);
  assert.deepEqual(registry.discovery.arguments.slice(0, 8), [
    ...["--registry", "zookeeper", "--registry-endpoint", "keeper:2181"],
    ...["--registry-prefix", "/flotilla/shop-test/", "--registry-user", "flotilla"],
  ]);
});

test("three servers keep their data and find each other, and agents know all of them", async () => {
  const platform = new FakePlatform();
  for (const kind of ["etcd", "consul", "zookeeper"] as const) {
    const registry = new Registry(`three-${kind}`, { platform, kind, nodes: 3 });
    const names = [1, 2, 3].map((index) => `three-${kind}-${index}`);
    await settled();
    assert.equal(registry.workloads.length, 3);
    for (const { spec } of registry.workloads) {
      assert.deepEqual(spec.volumes, [{ name: "data", kind: "persistent", sizeMiB: undefined }]);
      assert.equal(spec.ports[0].name, "client");
      assert(spec.ports.length > 1, kind);
    }
    const endpoints = registry.discovery.arguments.filter((_, index, all) => {
      return all[index - 1] === "--registry-endpoint";
    });
    assert.deepEqual(
      endpoints.map((endpoint) => /three-[a-z]+-\d/.exec(String(endpoint))![0]),
      names,
    );
    const certificate = recorder.one("tls:index/certRequest:CertRequest", `three-${kind}-request`).inputs;
    assert.deepEqual((certificate.dnsNames as string[]).slice(0, 3), names);
  }
  assert.deepEqual(
    platform.running.filter((name) => name.startsWith("three-etcd")),
    ["three-etcd-1", "three-etcd-2", "three-etcd-3"],
  );
});

test("a number of servers that cannot agree, or that native has not, is told", () => {
  const platform = new FakePlatform();
  const make = (kind: RegistryKindName, nodes: number) => () =>
    new Registry("registry", { platform, kind, nodes: nodes as 1 });
  assert.throws(make("etcd", 2), {
    message: 'Registry "registry": nodes must be 1 or 3, got 2. Write 3 to go on when one of them is lost.',
  });
  assert.throws(make("native", 3), {
    message:
      'Registry "registry": nodes must be 1 for native, which has no server of its own, got 3. Take it out.',
  });
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
  assert.deepEqual(signed.allowedUses, [
    "digital_signature",
    "key_encipherment",
    "server_auth",
    "client_auth",
  ]);
  assert.equal(signed.caCertPem, "authority-of-registry-authority");
  for (const [name, { algorithm, ecdsaCurve }] of recorder.byName("tls:index/privateKey:PrivateKey")) {
    assert.deepEqual([algorithm, ecdsaCurve], ["ECDSA", "P256"], name);
  }
});
