/** What a certificate may be used for: the names of `allowedUses`. */
import { ExtendedKeyUsageExtension, type Extension, KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import type { CheckFailure, Properties } from "../../provider";

const KEY_USAGES: Record<string, KeyUsageFlags> = {
  digital_signature: KeyUsageFlags.digitalSignature,
  content_commitment: KeyUsageFlags.nonRepudiation,
  key_encipherment: KeyUsageFlags.keyEncipherment,
  data_encipherment: KeyUsageFlags.dataEncipherment,
  key_agreement: KeyUsageFlags.keyAgreement,
  cert_signing: KeyUsageFlags.keyCertSign,
  crl_signing: KeyUsageFlags.cRLSign,
  encipher_only: KeyUsageFlags.encipherOnly,
  decipher_only: KeyUsageFlags.decipherOnly,
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

export function keyUsageExtensions(allowedUses: string[]): Extension[] {
  const flags = allowedUses.reduce((all, use) => all | (KEY_USAGES[use] ?? 0), 0);
  const extended = allowedUses
    .filter((use) => use in EXTENDED_KEY_USAGES)
    .map((use) => EXTENDED_KEY_USAGES[use]);
  return [
    ...(flags ? [new KeyUsagesExtension(flags, true)] : []),
    ...(extended.length > 0 ? [new ExtendedKeyUsageExtension(extended)] : []),
  ];
}
