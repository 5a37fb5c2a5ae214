/** PrivateKey: a key pair in every form that one may ask for. */
import { createHash, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { CheckFailure, Properties } from "../../provider";
import type { GeneratedKind } from "../generated";
import { opensshKey } from "./openssh";

const CURVES: Record<string, string> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

const generate = promisify(generateKeyPair);

type Pair = { privateKey: KeyObject; publicKey: KeyObject };

const GENERATORS: Record<string, (inputs: Properties) => Promise<Pair>> = {
  RSA: ({ rsaBits }) => generate("rsa", { modulusLength: rsaBits }),
  ECDSA: ({ ecdsaCurve }) => generate("ec", { namedCurve: CURVES[ecdsaCurve] }),
  ED25519: () => generate("ed25519"),
};

const PEM_TYPES = { RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const;

function oneOf(property: string, value: unknown, allowed: string[]): CheckFailure[] {
  if (allowed.includes(String(value))) return [];
  return [{ property, reason: `must be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}` }];
}

/** The public key as a line of OpenSSH's authorized keys, and its fingerprints; empty for P224, which it lacks. */
function opensshOutputs(privateKey: KeyObject): Properties {
  if (privateKey.asymmetricKeyDetails?.namedCurve === CURVES.P224) {
    const none = { publicKeyFingerprintMd5: "", publicKeyFingerprintSha256: "" };
    return { privateKeyOpenssh: "", publicKeyOpenssh: "", ...none };
  }
  const key = opensshKey(privateKey.export({ format: "jwk" }) as Record<string, string>);
  const md5 = createHash("md5").update(key.publicBlob).digest("hex");
  const sha256 = createHash("sha256").update(key.publicBlob).digest("base64");
  return {
    privateKeyOpenssh: key.privatePem,
    publicKeyOpenssh: `${key.type} ${key.publicBlob.toString("base64")}\n`,
    publicKeyFingerprintMd5: md5.match(/../g)!.join(":"),
    publicKeyFingerprintSha256: `SHA256:${sha256.replace(/=+$/, "")}`,
  };
}

export const privateKey: GeneratedKind = {
  defaults: { ecdsaCurve: "P224", rsaBits: 2048 },
  required: ["algorithm"],
  secretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
  validate: ({ algorithm, ecdsaCurve }) => [
    ...oneOf("algorithm", algorithm, Object.keys(GENERATORS)),
    ...oneOf("ecdsaCurve", ecdsaCurve, Object.keys(CURVES)),
  ],
  async generate(inputs) {
    const pair = await GENERATORS[inputs.algorithm](inputs);
    const type = PEM_TYPES[inputs.algorithm as keyof typeof PEM_TYPES];
    const publicDer = pair.publicKey.export({ type: "spki", format: "der" });
    const id = createHash("sha1").update(publicDer).digest("hex");
    return {
      id,
      outputs: {
        __meta: JSON.stringify({ schema_version: "1" }),
        id,
        privateKeyPem: pair.privateKey.export({ type, format: "pem" } as { type: "pkcs8"; format: "pem" }),
        privateKeyPemPkcs8: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: pair.publicKey.export({ type: "spki", format: "pem" }),
        ...opensshOutputs(pair.privateKey),
      },
    };
  },
};
