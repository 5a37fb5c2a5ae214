import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { suite, test } from "node:test";
import type { CallContext, Properties, Provider } from "../../provider";
import { createTlsProvider } from ".";

const provider = createTlsProvider() as Provider;

function context(type: string): CallContext {
  const name = type[0].toLowerCase() + type.slice(1);
  return {
    ...{ urn: `urn:pulumi:s::p::tls:index/${name}:${type}::x`, type: `tls:index/${name}:${type}`, name: "x" },
    ...{ signal: new AbortController().signal, progress: () => undefined },
  };
}

async function make(type: string, inputs: Properties): Promise<Properties> {
  const checked = await provider.check(context(type), undefined, inputs);
  assert.deepEqual(checked.failures, []);
  return (await provider.create(context(type), checked.inputs)).outputs;
}

suite("PrivateKey", () => {
  for (const [algorithm, input, header, opensshType] of [
    ["RSA", { rsaBits: 2048 }, "-----BEGIN RSA PRIVATE KEY-----", "ssh-rsa"],
    ["ECDSA", { ecdsaCurve: "P256" }, "-----BEGIN EC PRIVATE KEY-----", "ecdsa-sha2-nistp256"],
    ["ECDSA", { ecdsaCurve: "P521" }, "-----BEGIN EC PRIVATE KEY-----", "ecdsa-sha2-nistp521"],
    ["ED25519", {}, "-----BEGIN PRIVATE KEY-----", "ssh-ed25519"],
  ] as const) {
    test(`${algorithm} ${JSON.stringify(input)} is one key in every form`, async () => {
      const key = await make("PrivateKey", { algorithm, ...input });
      assert.equal(key.privateKeyPem.split("\n")[0], header);
      const publicPem = createPublicKey(key.privateKeyPem).export({ type: "spki", format: "pem" });
      assert.equal(key.publicKeyPem, publicPem);
      assert.equal(
        createPrivateKey(key.privateKeyPemPkcs8).export({ type: "pkcs8", format: "pem" }),
        createPrivateKey(key.privateKeyPem).export({ type: "pkcs8", format: "pem" }),
      );
      const [type, blob] = key.publicKeyOpenssh.trim().split(" ");
      assert.equal(type, opensshType);
      const sha256 = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64");
      assert.equal(key.publicKeyFingerprintSha256, `SHA256:${sha256.replace(/=+$/, "")}`);
      assert.match(key.publicKeyFingerprintMd5, /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
      // the private form holds the public one
      const lines = key.privateKeyOpenssh.trim().split("\n");
      const body = Buffer.from(lines.slice(1, -1).join(""), "base64");
      assert.ok(body.includes(Buffer.from(blob, "base64")));
      assert.equal(lines[0], "-----BEGIN OPENSSH PRIVATE KEY-----");
    });
  }

  test("P224 has no OpenSSH form", async () => {
    const key = await make("PrivateKey", { algorithm: "ECDSA" });
    assert.equal(key.ecdsaCurve, "P224");
    assert.equal(key.publicKeyOpenssh, "");
  });

  test("says which values it takes", async () => {
    const { failures } = await provider.check(context("PrivateKey"), undefined, { algorithm: "DSA" });
    assert.deepEqual(failures, [
      { property: "algorithm", reason: 'must be one of RSA, ECDSA, ED25519, got "DSA"' },
    ]);
  });
});

suite("certificates", () => {
  const authority = async (algorithm: string) => {
    const { privateKeyPem } = await make("PrivateKey", { algorithm, ecdsaCurve: "P256" });
    const certificate = await make("SelfSignedCert", {
      privateKeyPem,
      isCaCertificate: true,
      subject: { commonName: "ca", organization: "Flotilla" },
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: 24,
    });
    return { privateKeyPem, certificate };
  };

  for (const algorithm of ["RSA", "ECDSA", "ED25519"]) {
    test(`an authority with ${algorithm} signs a request, and the chain verifies`, async () => {
      const { privateKeyPem: caPrivateKeyPem, certificate } = await authority(algorithm);
      const ca = new X509Certificate(certificate.certPem);
      assert.equal(ca.ca, true);
      assert.equal(ca.subject, "O=Flotilla\nCN=ca");
      assert.equal(ca.checkIssued(ca), true);
      assert.equal(certificate.keyAlgorithm, algorithm);

      const { privateKeyPem } = await make("PrivateKey", { algorithm, ecdsaCurve: "P256" });
      const request = await make("CertRequest", {
        privateKeyPem,
        subject: { commonName: "registry" },
        dnsNames: ["registry", "registry.local"],
        ipAddresses: ["127.0.0.1", "::1"],
      });
      assert.equal(request.keyAlgorithm, algorithm);
      const issued = await make("LocallySignedCert", {
        caPrivateKeyPem,
        caCertPem: certificate.certPem,
        certRequestPem: request.certRequestPem,
        allowedUses: ["server_auth", "client_auth", "digital_signature"],
        validityPeriodHours: 12,
        setSubjectKeyId: true,
      });
      const leaf = new X509Certificate(issued.certPem);
      assert.equal(leaf.checkIssued(ca), true);
      assert.equal(leaf.verify(ca.publicKey), true);
      assert.equal(leaf.checkPrivateKey(createPrivateKey(privateKeyPem)), true);
      assert.equal(leaf.ca, false);
      assert.equal(leaf.subject, "CN=registry");
      assert.equal(
        leaf.subjectAltName,
        "DNS:registry, DNS:registry.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
      );
      assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
      assert.equal(BigInt(`0x${leaf.serialNumber}`).toString(), issued.id);
      assert.equal(Date.parse(issued.validityEndTime) - Date.parse(issued.validityStartTime), 12 * 3_600_000);
      assert.equal(issued.readyForRenewal, false);
      assert.equal(issued.caKeyAlgorithm, algorithm);
    });
  }

  test("is renewed in time, and keeps its value when only the time of renewal changes", async () => {
    const { privateKeyPem } = await make("PrivateKey", { algorithm: "ED25519" });
    const inputs = { privateKeyPem, allowedUses: ["digital_signature"], validityPeriodHours: 10 };
    const outputs = await make("SelfSignedCert", inputs);
    const diff = (next: Properties) =>
      provider.diff(context("SelfSignedCert"), { id: outputs.id, inputs, outputs }, next);
    assert.equal((await diff(inputs)).changed, false);
    const earlier = await diff({ ...inputs, earlyRenewalHours: 1 });
    assert.deepEqual([earlier.changedKeys, earlier.replaceKeys], [["earlyRenewalHours"], []]);
    const due = await diff({ ...inputs, earlyRenewalHours: 10 });
    assert.deepEqual(due.replaceKeys, ["readyForRenewal"]);
    const longer = await diff({ ...inputs, validityPeriodHours: 20 });
    assert.deepEqual(longer.replaceKeys, ["validityPeriodHours"]);
  });

  test("refuses an unknown use and a wrong address", async () => {
    const { failures } = await provider.check(context("SelfSignedCert"), undefined, {
      ...{ privateKeyPem: "x", validityPeriodHours: 1, allowedUses: ["flying"], ipAddresses: ["localhost"] },
    });
    assert.deepEqual(failures, [
      {
        property: "allowedUses",
        reason:
          "must be of digital_signature, content_commitment, key_encipherment, data_encipherment, key_agreement, " +
          "cert_signing, crl_signing, encipher_only, decipher_only, any_extended, server_auth, client_auth, " +
          "code_signing, email_protection, ipsec_end_system, ipsec_tunnel, ipsec_user, timestamping, " +
          'ocsp_signing, got "flying"',
      },
      { property: "ipAddresses", reason: 'must be IP addresses, got "localhost"' },
    ]);
  });
});
