/** The certificate that a gateway generates where none is given, made by the engine's own provider and served by a real Envoy. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, before, test } from "node:test";
import * as tls from "node:tls";
import * as pulumi from "@pulumi/pulumi";
import { gatewayCertificate } from "../../components/gateway-certificate";
import type { CallContext, Provider } from "../../infra/engine/provider";
import { createTlsProvider } from "../../infra/engine/providers/tls";
import { known, revealed } from "../recorder";
import { echo, type Running } from "./services";
import { hostAddress, Stage } from "./stage";

const NAMES = ["shop.example.com", "10.1.2.3"];

let users: Running;
let stage: Stage;
let ca: string;

before(async () => {
  await pulumi.runtime.setMocks({ newResource: made, call: () => ({}) }, "flotilla", "test", false);
  const parent = new pulumi.ComponentResource("test:index:Gateway", "edge");
  const certificate = gatewayCertificate("edge", { names: NAMES }, parent);
  ca = await known(pulumi.output(certificate.certificate));
  users = await echo(await hostAddress(), "users");
  const rules = { tls: { names: NAMES }, routes: [{ path: "/", to: "users" }] };
  stage = await Stage.open({ rules, certificate, instances: { users: [users] } });
});

after(async () => {
  await stage?.close();
  await users?.close();
});

test("clients that trust it verify each of its names, and no other one", async () => {
  for (const name of NAMES) {
    assert.match(await ask(name), /^HTTP\/1.1 200 OK[\s\S]*"name":"users"/);
  }
  await assert.rejects(ask("other.example.com"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
});

test("clients that do not trust it are told that nobody vouches for it", async () => {
  await assert.rejects(ask(NAMES[0], []), { code: /SELF_SIGNED|UNABLE_TO_VERIFY/ });
});

test("it is a server's, and no authority's, for a year", () => {
  const { ca: isAuthority, keyUsage, validFromDate, validToDate } = new X509Certificate(ca);
  assert.deepEqual([isAuthority, keyUsage], [false, ["1.3.6.1.5.5.7.3.1"]]);
  assert.equal(validToDate.getTime() - validFromDate.getTime(), 365 * 24 * 60 * 60 * 1000);
});

/** What the gateway answers over TLS to a client that expects it to be of this name. */
function ask(name: string, authorities = [ca]): Promise<string> {
  return new Promise((resolve, reject) => {
    const checkServerIdentity = (_: string, shown: tls.PeerCertificate) =>
      tls.checkServerIdentity(name, shown);
    const options = { host: stage.address, port: 8443, ca: authorities, checkServerIdentity };
    let got = "";
    const socket = tls.connect(options, () => {
      socket.write(`GET / HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`);
    });
    socket.on("data", (chunk) => {
      got += chunk;
    });
    socket.on("error", reject);
    socket.on("end", () => resolve(got));
  });
}

/** Makes a resource of package `tls` as `flotilla up` does; others have nothing that is computed. */
async function made({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
  if (!type.startsWith("tls:")) {
    return { id: name, state: inputs };
  }
  const provider = createTlsProvider() as Provider;
  const context: CallContext = {
    ...{ urn: `urn:pulumi:test::flotilla::${type}::${name}`, type, name },
    ...{ signal: new AbortController().signal, progress: () => undefined },
  };
  const plain = Object.entries(inputs).map(([field, value]) => [field, revealed(value) ?? value]);
  const checked = await provider.check(context, undefined, Object.fromEntries(plain));
  assert.deepEqual(checked.failures, []);
  const { id, outputs } = await provider.create(context, checked.inputs);
  return { id, state: outputs };
}
