import type * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { PrivateKey } from "@pulumi/tls";

/** What a description says of a secret beside its kind. */
export interface SecretOptions {
  /** Letters and digits of a password. */
  length?: number;
}

type Generate = (name: string, options: SecretOptions) => pulumi.Output<string>;

const DEFAULT_LENGTH = 32;

/** How each kind of secret is generated; what was generated once stays. */
export const secretKinds = {
  password: (name, { length = DEFAULT_LENGTH }) =>
    new RandomPassword(name, { length, special: false }).result,
  "private-key": (name) => {
    return new PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }).privateKeyPemPkcs8;
  },
} satisfies Record<string, Generate>;
