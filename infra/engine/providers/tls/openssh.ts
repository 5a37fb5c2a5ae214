/** Keys in OpenSSH's own formats (RFC 4253 section 6.6, RFC 5656, and PROTOCOL.key of OpenSSH). */
import { randomBytes } from "node:crypto";

type JsonWebKey = Record<string, string | undefined>;

/** Curves that OpenSSH has, by the name in a JSON Web Key. */
const CURVES: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };
const CIPHER_BLOCK_BYTES = 8;
const PEM_LINE_LENGTH = 64;

function bytes(value: string | undefined): Buffer {
  return Buffer.from(value ?? "", "base64url");
}

/** A length and the bytes. */
function field(value: Buffer | string): Buffer {
  const content = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** A positive number: no leading zeros, but one before a set first bit. */
function integer(value: Buffer): Buffer {
  const start = value.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(0) : value.subarray(start);
  return field(digits[0] >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

interface Encoded {
  type: string;
  /** Public fields, after the type. */
  publicPart: Buffer;
  /** All fields, in the order of the private format. */
  privatePart: Buffer;
}

function encode(key: JsonWebKey): Encoded {
  if (key.kty === "RSA") {
    const [n, e, d, qi, p, q] = [key.n, key.e, key.d, key.qi, key.p, key.q].map((part) =>
      integer(bytes(part)),
    );
    return {
      type: "ssh-rsa",
      publicPart: Buffer.concat([e, n]),
      privatePart: Buffer.concat([n, e, d, qi, p, q]),
    };
  }
  if (key.kty === "OKP") {
    const [point, seed] = [bytes(key.x), bytes(key.d)];
    const privatePart = Buffer.concat([field(point), field(Buffer.concat([seed, point]))]);
    return { type: "ssh-ed25519", publicPart: field(point), privatePart };
  }
  const curve = CURVES[key.crv ?? ""];
  const point = Buffer.concat([Buffer.from([4]), bytes(key.x), bytes(key.y)]);
  const publicPart = Buffer.concat([field(curve), field(point)]);
  return {
    type: `ecdsa-sha2-${curve}`,
    publicPart,
    privatePart: Buffer.concat([publicPart, integer(bytes(key.d))]),
  };
}

export interface OpensshKey {
  type: string;
  /** The public key's binary form, which fingerprints are of. */
  publicBlob: Buffer;
  privatePem: string;
}

/** A private key as OpenSSH knows it. */
export function opensshKey(key: JsonWebKey): OpensshKey {
  const encoded = encode(key);
  const publicBlob = Buffer.concat([field(encoded.type), encoded.publicPart]);
  const check = randomBytes(4); // twice the same: how a reader knows that it decrypted rightly
  const noComment = field("");
  const section = Buffer.concat([check, check, field(encoded.type), encoded.privatePart, noComment]);
  const paddingLength = (CIPHER_BLOCK_BYTES - (section.length % CIPHER_BLOCK_BYTES)) % CIPHER_BLOCK_BYTES;
  const padding = Buffer.from(Array.from({ length: paddingLength }, (_, index) => index + 1));
  const oneKey = Buffer.from([0, 0, 0, 1]);
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[field("none"), field("none"), field("")], // cipher, key derivation and its options
    ...[oneKey, field(publicBlob), field(Buffer.concat([section, padding]))],
  ]);
  const lines = body.toString("base64").match(new RegExp(`.{1,${PEM_LINE_LENGTH}}`, "g")) ?? [];
  const privatePem = [
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    ...lines,
    "-----END OPENSSH PRIVATE KEY-----",
    "",
  ];
  return { type: encoded.type, publicBlob, privatePem: privatePem.join("\n") };
}
