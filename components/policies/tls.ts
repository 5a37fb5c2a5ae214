import type * as pulumi from "@pulumi/pulumi";
import { checkPort } from "../fields";
import type { TlsSpec } from "../policy-specs";
import type { Problems } from "../problems";

/** Serves HTTPS, with HTTP/2 for clients that can. A new certificate is taken over without closing a connection. */
export interface TlsArgs {
  /** Port that clients use for HTTPS. @default 8443 */
  port?: number;
  /** What the other port does: send clients to HTTPS, or serve them as they are. @default "redirect" */
  plainHttp?: "redirect" | "serve";
  /** Certificate with its chain, as PEM. @default - a generated one, which no client trusts unasked */
  certificate?: pulumi.Input<string>;
  /** Its private key, as PEM; a secret. @default - a generated one */
  privateKey?: pulumi.Input<string>;
  /** Host names and addresses of the generated certificate. @default ["localhost", "127.0.0.1"] */
  names?: string[];
  /** Oldest version of TLS. @default "1.2" */
  minimumVersion?: "1.2" | "1.3";
}

const NAME = /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^[0-9a-f:]+$/;

/** `httpPort`: the gateway's other port. */
export function checkTls(problems: Problems, at: string, args: TlsArgs, httpPort: number | undefined): void {
  const { port = 8443, plainHttp, certificate, privateKey, names, minimumVersion } = args;
  checkPort(problems, `${at}.port`, port);
  if (port === (httpPort ?? 8080)) {
    problems.add(`${at}.port`, "must differ from the gateway's own port", port, "Write 8443.");
  }
  if (plainHttp !== undefined && !["redirect", "serve"].includes(plainHttp)) {
    problems.add(`${at}.plainHttp`, "must be one of redirect, serve", plainHttp, 'Write "redirect".');
  }
  if (minimumVersion !== undefined && !["1.2", "1.3"].includes(minimumVersion)) {
    problems.add(`${at}.minimumVersion`, "must be one of 1.2, 1.3", minimumVersion, 'Write "1.2".');
  }
  if ((certificate === undefined) !== (privateKey === undefined)) {
    const missing = certificate === undefined ? "certificate" : "privateKey";
    problems.add(`${at}.${missing}`, "must be given beside the other one", undefined, "Give both, or none.");
  }
  if (certificate !== undefined && names !== undefined) {
    problems.add(`${at}.names`, "goes with a generated certificate only", names, "Take it out.");
  }
  names?.forEach((name, index) => {
    if (!NAME.test(name)) {
      const rule = "must be a host name or an address";
      problems.add(`${at}.names[${index}]`, rule, name, 'Write one like "shop.example.com".');
    }
  });
  if (typeof certificate === "string" && !certificate.includes("-----BEGIN CERTIFICATE-----")) {
    const fix = "Give the content of the file, from -----BEGIN CERTIFICATE----- on.";
    problems.add(`${at}.certificate`, "must be a certificate as PEM", certificate.slice(0, 40), fix);
  }
}

export function tlsSpec(args: TlsArgs | undefined): TlsSpec | undefined {
  if (args === undefined) {
    return undefined;
  }
  const { port = 8443, plainHttp = "redirect", minimumVersion = "1.2" } = args;
  return { port, plainHttp, minimumVersion };
}
