/** What a certificate may be used for: the names of `allowedUses`. */
import type { KeyUsageFlags } from "@peculiar/x509";
import type { CheckFailure, Properties } from "../../provider";

const KEY_USAGES: Record<string, keyof typeof KeyUsageFlags> = {
  digital_signature: "digitalSignature",
  content_commitment: "nonRepudiation",
  key_encipherment: "keyEncipherment",
  data_encipherment: "dataEncipherment",
  key_agreement: "keyAgreement",
  cert_signing: "keyCertSign",
  crl_signing: "cRLSign",
  encipher_only: "encipherOnly",
  decipher_only: "decipherOnly",
};

const EXTENDED_KEY_USAGES: Record<string, string> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
};

export function validateUses({ allowedUses, validityPeriodHours }: Properties): CheckFailure[] {
  const known = [...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_KEY_USAGES)];
  const unknown = allowedUses.filter((use: string) => !known.includes(use));
  const failures = unknown.map((use: string) => ({
    property: "allowedUses",
    reason: `must be of ${known.join(", ")}, got "${use}"`,
  }));
  if (validityPeriodHours < 0) {
    failures.push({
      property: "validityPeriodHours",
      reason: `must be at least 0, got ${validityPeriodHours}`,
    });
  }
  return failures;
}

/** The names of the flags, and the object identifiers of the extended usages. */
export function usages(allowedUses: string[]): { flags: (keyof typeof KeyUsageFlags)[]; extended: string[] } {
  const of = <Usage>(table: Record<string, Usage>) =>
    allowedUses.filter((use) => use in table).map((use) => table[use]);
  return { flags: of(KEY_USAGES), extended: of(EXTENDED_KEY_USAGES) };
}
