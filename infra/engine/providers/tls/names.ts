/** Whom a certificate is for: its subject and its alternative names. */
import { isIP } from "node:net";
import type { JsonGeneralName, JsonName } from "@peculiar/x509";
import type { CheckFailure, Properties } from "../../provider";

/** Parts of a subject in the order that they are written in. */
const SUBJECT_PARTS: readonly [property: string, attribute: string][] = [
  ["country", "C"],
  ["organization", "O"],
  ["organizationalUnit", "OU"],
  ["locality", "L"],
  ["province", "ST"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "CN"],
  ["serialNumber", "2.5.4.5"],
  ["emailAddress", "E"],
];

export function subjectParts(subject: Properties | undefined): JsonName {
  return SUBJECT_PARTS.flatMap(([property, attribute]) => {
    const value = subject?.[property];
    const values: string[] = Array.isArray(value) ? value : value ? [value] : [];
    return values.map((text) => ({ [attribute]: [text] }));
  });
}

export function validateNames({ ipAddresses = [] }: Properties): CheckFailure[] {
  return ipAddresses
    .filter((address: string) => isIP(address) === 0)
    .map((address: string) => ({
      property: "ipAddresses",
      reason: `must be IP addresses, got "${address}"`,
    }));
}

/** The alternative names; those that alone say whom the certificate is for are critical. */
export function alternativeNames(inputs: Properties): { names: JsonGeneralName[]; critical: boolean } {
  const all = (type: "dns" | "ip" | "url", values: string[] = []) => values.map((value) => ({ type, value }));
  const names = [
    ...all("dns", inputs.dnsNames),
    ...all("ip", inputs.ipAddresses),
    ...all("url", inputs.uris),
  ];
  return { names, critical: Object.keys(inputs.subject ?? {}).length === 0 };
}
