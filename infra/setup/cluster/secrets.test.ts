import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { ensureSecrets } from "./secrets";

const parent = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-secrets-"));
after(() => fs.rmSync(parent, { recursive: true }));

const folder = path.join(parent, "secrets");
const identity = {
  server: "https://10.250.0.1:6443",
  context: "flotilla",
  apiNames: ["kubernetes", "10.96.0.1"],
  node: { name: "flotilla", address: "10.250.0.1" },
};
const read = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");

test("Every certificate is signed by the authority and has its key beside it", async () => {
  await ensureSecrets(folder, identity);
  const authority = new X509Certificate(read("ca.crt"));
  assert.equal(authority.ca, true);
  for (const name of ["apiserver", "kubelet", "kubelet-client", "metrics-server"]) {
    const certificate = new X509Certificate(read(`${name}.crt`));
    assert.equal(certificate.verify(authority.publicKey), true, name);
    assert.equal(certificate.checkPrivateKey(createPrivateKey(read(`${name}.key`))), true, name);
  }
  const api = new X509Certificate(read("apiserver.crt"));
  assert.equal(api.subjectAltName, "DNS:kubernetes, IP Address:10.96.0.1");
});

test("A kubeconfig has the context and the user that Kubernetes gives its rights to", () => {
  const { users, contexts, clusters, ...config } = JSON.parse(read("kubelet.kubeconfig"));
  const certificate = Buffer.from(users[0].user["client-certificate-data"], "base64");
  assert.equal(new X509Certificate(certificate).subject, "O=system:nodes\nCN=system:node:flotilla");
  assert.deepEqual(contexts, [{ name: "flotilla", context: { cluster: "flotilla", user: "kubelet" } }]);
  assert.equal(clusters[0].cluster.server, identity.server);
  assert.equal(config["current-context"], "flotilla");
});

test("Secrets are for root only, and stay when they are asked for again", async () => {
  assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
  assert.equal(fs.statSync(path.join(folder, "ca.key")).mode & 0o777, 0o600);
  const before = read("ca.key");
  await ensureSecrets(folder, identity);
  assert.equal(read("ca.key"), before);
});
