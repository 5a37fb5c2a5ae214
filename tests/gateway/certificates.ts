import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A certificate that nobody signed but its own key. */
export async function certificateOf(name: string): Promise<{ certificate: string; privateKey: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
  });
  const privateKey = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: made.toString("pem"),
    privateKey: x509.PemConverter.encode(privateKey, "PRIVATE KEY"),
  };
}
