import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import { PrivateKey, SelfSignedCert } from "@pulumi/tls";
import type { TlsArgs } from "./policies/tls";

/** What a server shows to prove who it is. */
export interface Certificate {
  certificate: pulumi.Input<string>;
  privateKey: pulumi.Input<string>;
}

const ONE_YEAR_HOURS = 8760;
const ONE_MONTH_HOURS = 730;

/** The given certificate, or one that is generated once, and again in the last month of its year. */
export function gatewayCertificate(name: string, args: TlsArgs, parent: pulumi.Resource): Certificate {
  const { certificate, privateKey, names = ["localhost", "127.0.0.1"] } = args;
  if (certificate !== undefined && privateKey !== undefined) {
    return { certificate, privateKey };
  }
  const key = new PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent });
  const generated = new SelfSignedCert(
    `${name}-certificate`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: names[0] },
      dnsNames: names.filter((one) => isIP(one) === 0),
      ipAddresses: names.filter((one) => isIP(one) !== 0),
      allowedUses: ["digital_signature", "server_auth"],
      validityPeriodHours: ONE_YEAR_HOURS,
      earlyRenewalHours: ONE_MONTH_HOURS,
    },
    { parent },
  );
  return { certificate: generated.certPem, privateKey: key.privateKeyPem };
}
