import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from "jose";

const algorithm = "ES256";

interface TokenOptions {
  /** ECDSA on the curve P-256. */
  privateKeyPem: string;
  issuer: string;
  audience: string;
  lifetimeSeconds: number;
}

/** Signs what a user may show to prove who they are; anybody can check it with the public key, and nobody else make it. */
export class Tokens {
  private constructor(
    private readonly key: KeyObject,
    private readonly publicKey: JWK & { kid: string },
    private readonly options: Omit<TokenOptions, "privateKeyPem">,
  ) {}

  /** Throws when the key is none that can sign. */
  static async create({ privateKeyPem, ...options }: TokenOptions): Promise<Tokens> {
    const key = privateKey(privateKeyPem);
    const jwk = await exportJWK(createPublicKey(key));
    // The same in every replica and after every restart, and another one once the key is another.
    const kid = await calculateJwkThumbprint(jwk);
    return new Tokens(key, { ...jwk, kid, alg: algorithm, use: "sig" }, options);
  }

  /** What tokens are checked with, as RFC 7517 writes it. */
  get jwks(): { keys: JWK[] } {
    return { keys: [this.publicKey] };
  }

  issue(userId: string, roles: string[]): Promise<string> {
    const { issuer, audience, lifetimeSeconds } = this.options;
    return new SignJWT({ roles })
      .setProtectedHeader({ alg: algorithm, kid: this.publicKey.kid, typ: "JWT" })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeSeconds} s`)
      .sign(this.key);
  }
}

function privateKey(pem: string): KeyObject {
  const problem = "SIGNING_KEY_FILE must hold a private key of ECDSA on the curve P-256, in PEM.";
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Its own error may repeat what it read.
    throw new Error(problem);
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new Error(problem);
  return key;
}
