import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { FakePlatform } from "../tests/fake-platform";
import { certificateOf } from "../tests/gateway/certificates";
import { known, Recorder, revealed, settled } from "../tests/recorder";
import { Gateway } from "./gateway";
import type { TlsArgs } from "./policies/tls";
import { Registry } from "./registry";

const KEY = "tls:index/privateKey:PrivateKey";
const CERTIFICATE = "tls:index/selfSignedCert:SelfSignedCert";

async function gatewayWith(tls: TlsArgs) {
  const recorder = new Recorder();
  const platform = new FakePlatform();
  const registry = new Registry("registry", { platform, kind: "native" });
  const routes = [{ path: "/", to: "users" }];
  const { spec } = new Gateway("edge", { platform, registry, routes, tls }).workload!;
  const file = spec.sidecars[0].files.find(({ path }) => path.endsWith("/secret-certificate.json"))!;
  const content = JSON.parse(await known(pulumi.output(file.content)));
  await settled();
  return { recorder, file, shown: content.resources[0].tls_certificate };
}

test("a gateway with TLS and nothing more generates its own certificate, and its key is a secret", async () => {
  const { recorder, file, shown } = await gatewayWith({});
  const { inputs: key } = recorder.one(KEY, "edge-key");
  assert.deepEqual([key.algorithm, key.ecdsaCurve], ["ECDSA", "P256"]);
  const { inputs: certificate, parent } = recorder.one(CERTIFICATE, "edge-certificate");
  assert.match(parent, /::edge$/);
  assert.equal(revealed(certificate.privateKeyPem), "key-of-edge-key");
  assert.deepEqual(
    { ...certificate, privateKeyPem: undefined },
    {
      privateKeyPem: undefined,
      subject: { commonName: "localhost" },
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
      allowedUses: ["digital_signature", "server_auth"],
      validityPeriodHours: 8760,
      earlyRenewalHours: 730,
    },
  );
  assert.equal(file.secret, true);
  assert.deepEqual(shown, {
    certificate_chain: { inline_string: "authority-of-edge-certificate" },
    private_key: { inline_string: "key-of-edge-key" },
  });
});

test("a certificate that is given is served as it is, and none is generated", async () => {
  const given = await certificateOf("shop.example.com");
  const { recorder, shown } = await gatewayWith(given);
  assert.deepEqual([recorder.all(KEY), recorder.all(CERTIFICATE)], [[], []]);
  assert.deepEqual(shown, {
    certificate_chain: { inline_string: given.certificate },
    private_key: { inline_string: given.privateKey },
  });
});
