/** Private keys between their PEM text, node:crypto and WebCrypto. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";

export type Algorithm = "RSA" | "ECDSA" | "ED25519";

type SigningAlgorithm = { name: string; namedCurve?: string; hash?: string };

/** By OpenSSL's name of the curve. P-224 is missing: WebCrypto does not know it. */
const ECDSA_SIGNING: Record<string, SigningAlgorithm> = {
  prime256v1: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
};

export function algorithmOf(key: KeyObject): Algorithm {
  const algorithms: Record<string, Algorithm> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };
  const algorithm = algorithms[key.asymmetricKeyType ?? ""];
  if (!algorithm) throw new Error(`The key must be RSA, ECDSA or ED25519, got ${key.asymmetricKeyType}.`);
  return algorithm;
}

function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  const algorithm = algorithmOf(key);
  if (algorithm === "RSA") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (algorithm === "ED25519") return { name: "Ed25519" };
  const signing = ECDSA_SIGNING[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (!signing)
    throw new Error(
      "The embedded engine signs with the curves P256, P384 and P521. Set ecdsaCurve to one of them.",
    );
  return signing;
}

export interface SigningKeys {
  algorithm: Algorithm;
  signing: SigningAlgorithm;
  keys: CryptoKeyPair;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** The keys of a private key in PEM, ready to sign with. */
export async function loadSigningKeys(pem: string): Promise<SigningKeys> {
  const key = createPrivateKey(pem);
  const signing = signingAlgorithm(key);
  const { subtle } = webcrypto;
  const privateDer = key.export({ type: "pkcs8", format: "der" });
  const publicDer = createPublicKey(pem).export({ type: "spki", format: "der" });
  const privateKey = await subtle.importKey("pkcs8", privateDer, signing, true, ["sign"]);
  const publicKey = await subtle.importKey("spki", publicDer, signing, true, ["verify"]);
  return { algorithm: algorithmOf(key), signing, keys: { privateKey, publicKey } };
}

/** Identifier of a public key: SHA-1 of its bits, as RFC 5280 recommends. */
export function subjectKeyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1").update(publicKeyBits(key)).digest();
}

function publicKeyBits(key: KeyObject): Buffer {
  if (algorithmOf(key) === "RSA") return key.export({ type: "pkcs1", format: "der" });
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return algorithmOf(key) === "ECDSA" ? Buffer.concat([Buffer.from([4]), point]) : point;
}
