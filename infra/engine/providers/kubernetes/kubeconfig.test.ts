import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, suite, test } from "node:test";
import { stringify } from "yaml";
import { type ClusterSettings, clusterAccess, type Surroundings } from "./kubeconfig";

const home = mkdtempSync(path.join(tmpdir(), "flotilla-kubeconfig-"));
after(() => rmSync(home, { recursive: true }));

const access = (settings: ClusterSettings, environment: Surroundings["environment"] = {}) =>
  clusterAccess(settings, { environment, home, serviceAccount: path.join(home, "account") });

const base64 = (text: string) => Buffer.from(text).toString("base64");

const kubeconfig = (more: object = {}) => ({
  "current-context": "first",
  contexts: [
    { name: "first", context: { cluster: "a", user: "u", namespace: "shop" } },
    { name: "second", context: { cluster: "b", user: "v" } },
  ],
  clusters: [
    { name: "a", cluster: { server: "https://a:6443", "certificate-authority-data": base64("CA") } },
    { name: "b", cluster: { server: "https://b:6443", "insecure-skip-tls-verify": true } },
    { name: "c", cluster: { server: "https://c:6443", "proxy-url": "http://proxy" } },
  ],
  users: [
    { name: "u", user: { "client-certificate-data": base64("CERT"), "client-key": "key.pem" } },
    { name: "v", user: { token: "secret-token" } },
  ],
  ...more,
});

const file = path.join(home, "config.yaml");
writeFileSync(file, stringify(kubeconfig()));
writeFileSync(path.join(home, "key.pem"), "KEY");

suite("which cluster", () => {
  test("is that of a file's current context, with the paths in it starting from its folder", () => {
    const found = access({ kubeconfig: file });
    assert.deepEqual(
      [found.server, found.namespace, `${found.ca}`, `${found.certificate}`, `${found.key}`],
      ["https://a:6443", "shop", "CA", "CERT", "KEY"],
    );
    assert.equal(found.source, `context "first" of ${file}`);
  });

  test("is that of the context, the cluster and the namespace that are asked for", () => {
    const found = access({ kubeconfig: "~/config.yaml", context: "second", namespace: "mine" });
    assert.deepEqual(
      [found.server, found.namespace, found.token, found.skipVerification],
      ["https://b:6443", "mine", "secret-token", true],
    );
    assert.equal(access({ kubeconfig: file, cluster: "b" }).server, "https://b:6443");
    assert.equal(access({ kubeconfig: file, context: "second" }).namespace, "default");
  });

  test("may be given as content, in YAML and in JSON", () => {
    for (const content of [stringify(kubeconfig()), JSON.stringify(kubeconfig())]) {
      assert.equal(access({ kubeconfig: content, context: "second" }).server, "https://b:6443");
    }
  });

  test("is found by KUBECONFIG, whose files complete each other, else in the home folder", () => {
    const other = path.join(home, "other.yaml");
    writeFileSync(other, stringify({ contexts: [{ name: "third", context: { cluster: "b" } }] }));
    const environment = { KUBECONFIG: [other, file].join(path.delimiter) };
    assert.equal(access({ context: "third" }, environment).server, "https://b:6443");
    mkdirSync(path.join(home, ".kube"), { recursive: true });
    writeFileSync(path.join(home, ".kube", "config"), stringify(kubeconfig({ "current-context": "second" })));
    assert.equal(access({}).server, "https://b:6443");
    rmSync(path.join(home, ".kube"), { recursive: true });
  });

  test("is a pod's own where there is no kubeconfig", () => {
    const account = path.join(home, "account");
    mkdirSync(account);
    for (const [name, text] of Object.entries({ "ca.crt": "CA", namespace: "shop\n", token: "t" })) {
      writeFileSync(path.join(account, name), text);
    }
    const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const found = access({}, environment);
    assert.deepEqual(
      [found.server, found.namespace, found.tokenFile],
      ["https://[fd00::1]:443", "shop", path.join(account, "token")],
    );
  });

  test("is said to be missing, with what there is", () => {
    const wrongs: [ClusterSettings, RegExp][] = [
      [{ kubeconfig: "/missing" }, /^Error: The kubeconfig \/missing does not exist/],
      [{ kubeconfig: file, context: "third" }, /There is no context "third" in .*; it has first, second\.$/],
      [
        { kubeconfig: "{}" },
        /There is no cluster to talk to: in the provider's kubeconfig, it has no current context/,
      ],
      [{}, /There is no cluster to talk to: in no kubeconfig, it has no current context/],
      [{ kubeconfig: file, cluster: "c" }, /The cluster "c" of .* is behind a proxy/],
    ];
    for (const [settings, message] of wrongs) assert.throws(() => access(settings), message);
  });
});
