import { generateKeyPairSync } from "node:crypto";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** What the tests' tokens are signed with. */
export const signing = {
  privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  issuer: "users",
  audience: "shop",
  lifetimeSeconds: 3_600,
};
