import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { rootCertificates } from "node:tls";
import { extraCertificates, splitCertificates, trustContext } from "./certificates";
import { selfSigned } from "./testing/self-signed";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-certificates-"));
after(() => fs.rmSync(folder, { recursive: true }));

test("A text is split into its certificates, each once and in one order", async () => {
  const [one, two] = [await selfSigned("one"), await selfSigned("two")];
  const split = splitCertificates(`# a comment\n${one}${two}${one}`);
  assert.deepEqual(split, splitCertificates(two + one));
  assert.deepEqual(split.toSorted(), [one, two].toSorted());
});

test("A file that the environment names adds what is not public anyway", async () => {
  const company = await selfSigned("company");
  const file = path.join(folder, "bundle.pem");
  fs.writeFileSync(file, [rootCertificates[0], company].join("\n"));
  const without = extraCertificates({});
  assert.equal(without.includes(company), false);
  for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
    assert.deepEqual(
      extraCertificates({ [name]: file }),
      splitCertificates([...without, company].join("\n")),
    );
  }
});

test("A file that cannot be read as certificates adds nothing, and a warning names it", (t) => {
  const warn = t.mock.method(process, "emitWarning", () => undefined);
  const file = path.join(folder, "broken.pem");
  fs.writeFileSync(file, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
  assert.deepEqual(extraCertificates({ SSL_CERT_FILE: file }), extraCertificates({}));
  const warnings = warn.mock.calls.map(({ arguments: [message] }) => String(message));
  assert.deepEqual(
    warnings.map((message) => message.startsWith(`${file} is left out of the certificate authorities: `)),
    [true],
  );
});

test("The distribution's own bundle and a missing file add nothing", () => {
  const environment = {
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    SSL_CERT_FILE: "/no/such/file",
  };
  assert.deepEqual(extraCertificates(environment), extraCertificates({}));
});

test("An image without extra certificates is as its base", () => {
  const [dockerfile] = trustContext([]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's variable
  assert.deepEqual(dockerfile, { path: "Dockerfile", content: "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n" });
});

test("Extra certificates are files of their own, and one bundle for programs that add one", () => {
  const files = trustContext(["A\n", "B\n"]).slice(1);
  assert.deepEqual(files, [
    { path: "certificates/flotilla-1.crt", content: "A\n" },
    { path: "certificates/flotilla-2.crt", content: "B\n" },
    { path: "certificates/flotilla.pem", content: "A\nB\n" },
  ]);
});
