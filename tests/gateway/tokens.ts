/** Signs tokens as an issuer does. */
import { generateKeyPairSync, sign } from "node:crypto";

export interface Issuer {
  jwks: string;
  /** A token of these claims, good for an hour unless they say otherwise. */
  token(claims: Record<string, unknown>): string;
}

export function issuer(name: string, kid = "1"): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...publicKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" };
  return {
    jwks: JSON.stringify({ keys: [key] }),
    token(claims) {
      const now = Math.floor(Date.now() / 1000);
      const whole = { iss: name, aud: "shop", sub: "ada", iat: now, exp: now + 3600, ...claims };
      const signed = [{ alg: "ES256", typ: "JWT", kid }, whole].map(encoded).join(".");
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${signed}.${signature.toString("base64url")}`;
    },
  };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
