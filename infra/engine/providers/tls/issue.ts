/** Makes certificates and requests for them, with a library that takes long to load. */
import "reflect-metadata"; // before x509, which asks for it
import { createHash, createPublicKey, randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Properties, ResourceState } from "../../provider";
import { loadSigningKeys, type SigningKeys, subjectKeyIdentifier } from "./keys";
import { alternativeNames, subjectParts } from "./names";
import { usages } from "./usages";

const HOUR_MS = 3_600_000;
const SERIAL_BYTES = 16;
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

interface Issue {
  inputs: Properties;
  subject: x509.Name;
  publicKey: x509.PublicKeyType;
  publicKeyPem: string;
  names: x509.Extension[];
  issuer: x509.Name;
  /** Identifier of the issuer's key, when the certificate shall name it. */
  issuerKeyIdentifier: Buffer | undefined;
  signer: SigningKeys;
}

function toHex(bytes: Buffer): string {
  return bytes.toString("hex");
}

/** PEM with the newline at its end that everybody else writes. */
function pem(encoded: { toString(format: "pem"): string }): string {
  return `${encoded.toString("pem").trimEnd()}\n`;
}

async function issue({ inputs, signer, ...about }: Issue): Promise<ResourceState> {
  const { isCaCertificate, maxPathLength, setSubjectKeyId } = inputs;
  const notBefore = new Date();
  const notAfter = new Date(notBefore.getTime() + inputs.validityPeriodHours * HOUR_MS);
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] &= 0x7f; // it is a positive number
  const pathLength = isCaCertificate && maxPathLength >= 0 ? maxPathLength : undefined;
  const own = subjectKeyIdentifier(createPublicKey(about.publicKeyPem));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: toHex(serial),
    subject: about.subject,
    issuer: about.issuer,
    notBefore,
    notAfter,
    publicKey: about.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: signer.signing,
    extensions: [
      new x509.BasicConstraintsExtension(isCaCertificate, pathLength, true),
      ...usageExtensions(inputs.allowedUses),
      ...(isCaCertificate || setSubjectKeyId ? [new x509.SubjectKeyIdentifierExtension(toHex(own))] : []),
      ...(about.issuerKeyIdentifier
        ? [new x509.AuthorityKeyIdentifierExtension(toHex(about.issuerKeyIdentifier))]
        : []),
      ...about.names,
    ],
  });
  const id = BigInt(`0x${toHex(serial)}`).toString();
  return {
    id,
    outputs: {
      id,
      certPem: pem(certificate),
      readyForRenewal: false,
      validityStartTime: notBefore.toISOString(),
      validityEndTime: notAfter.toISOString(),
    },
  };
}

function subjectName(subject: Properties | undefined): x509.Name {
  return new x509.Name(subjectParts(subject));
}

function nameExtensions(inputs: Properties): x509.Extension[] {
  const { names, critical } = alternativeNames(inputs);
  return names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names, critical)] : [];
}

function usageExtensions(allowedUses: string[]): x509.Extension[] {
  const { flags, extended } = usages(allowedUses);
  const bits = flags.reduce((all, flag) => all | x509.KeyUsageFlags[flag], 0);
  return [
    ...(bits ? [new x509.KeyUsagesExtension(bits, true)] : []),
    ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
  ];
}

export async function issueSelfSigned(inputs: Properties): Promise<ResourceState> {
  const signer = await loadSigningKeys(inputs.privateKeyPem);
  const subject = subjectName(inputs.subject);
  const ownKey = createPublicKey(inputs.privateKeyPem);
  const { id, outputs } = await issue({
    ...{ inputs, signer, subject, issuer: subject, names: nameExtensions(inputs) },
    publicKey: signer.keys.publicKey,
    publicKeyPem: inputs.privateKeyPem,
    issuerKeyIdentifier: inputs.setAuthorityKeyId ? subjectKeyIdentifier(ownKey) : undefined,
  });
  return { id, outputs: { ...outputs, keyAlgorithm: signer.algorithm } };
}

export async function requestCertificate(inputs: Properties): Promise<ResourceState> {
  const { keys, signing, algorithm } = await loadSigningKeys(inputs.privateKeyPem);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(inputs.subject).toJSON(),
    keys,
    signingAlgorithm: signing,
    extensions: nameExtensions(inputs),
  });
  const certRequestPem = pem(request);
  const id = createHash("sha1").update(Buffer.from(request.rawData)).digest("hex");
  return { id, outputs: { id, certRequestPem, keyAlgorithm: algorithm } };
}

export async function issueLocallySigned(inputs: Properties): Promise<ResourceState> {
  const signer = await loadSigningKeys(inputs.caPrivateKeyPem);
  const authority = new x509.X509Certificate(inputs.caCertPem);
  const request = new x509.Pkcs10CertificateRequest(inputs.certRequestPem);
  const names = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
  const identifier = authority.getExtension(
    SUBJECT_KEY_IDENTIFIER,
  ) as x509.SubjectKeyIdentifierExtension | null;
  const { id, outputs } = await issue({
    ...{ inputs, signer, subject: request.subjectName, issuer: authority.subjectName },
    publicKey: request.publicKey,
    publicKeyPem: request.publicKey.toString("pem"),
    names: names ? [names] : [],
    issuerKeyIdentifier: identifier ? Buffer.from(identifier.keyId, "hex") : undefined,
  });
  return { id, outputs: { ...outputs, caKeyAlgorithm: signer.algorithm } };
}
