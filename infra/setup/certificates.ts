/** Certificate authorities that this machine trusts beside the public ones: a company's proxy, mostly. */
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { rootCertificates } from "node:tls";

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Where distributions keep the certificate authorities that an administrator adds. */
const anchorFolders = ["/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors"];

/** Where distributions keep the bundle of everything trusted: the anchors above are in it already. */
const bundleFolders = ["/etc/ssl/", "/etc/pki/", "/usr/share/ca-certificates/"];

/** The certificates of a text, each as one PEM block, the same one once, in an order that does not vary. */
export function splitCertificates(text: string): string[] {
  const byFingerprint = new Map<string, string>();
  for (const [block] of text.matchAll(certificatePattern)) {
    const certificate = new X509Certificate(block);
    byFingerprint.set(certificate.fingerprint256, certificate.toString());
  }
  return [...byFingerprint.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, block]) => block);
}

/** The extra certificate authorities of this machine as PEM blocks; mostly none. */
export function extraCertificates(environment: NodeJS.ProcessEnv = process.env): string[] {
  const anchors = anchorFolders.flatMap(certificateFiles);
  const named = [environment.NODE_EXTRA_CA_CERTS, environment.SSL_CERT_FILE].filter(isFileApart);
  const ofAnchors = anchors.flatMap(readCertificates);
  const ofFiles = named.flatMap(readCertificates);
  const isPublic = new Set(ofFiles.length === 0 ? [] : splitCertificates(rootCertificates.join("\n")));
  return splitCertificates([...ofAnchors, ...ofFiles.filter((block) => !isPublic.has(block))].join("\n"));
}

/** The certificates of a file; a file that is none of our making must not keep a stack from being made. */
function readCertificates(file: string): string[] {
  try {
    return splitCertificates(fs.readFileSync(file, "utf8"));
  } catch (error) {
    process.emitWarning(`${file} is left out of the certificate authorities: ${(error as Error).message}`);
    return [];
  }
}

function certificateFiles(folder: string): string[] {
  if (!fs.existsSync(folder)) {
    return [];
  }
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => /\.(crt|pem)$/.test(file) && fs.statSync(file).isFile());
}

function isFileApart(file: string | undefined): file is string {
  if (!file || !fs.existsSync(file)) {
    return false;
  }
  const real = fs.realpathSync(file);
  return !bundleFolders.some((folder) => real.startsWith(folder));
}

/** A file of a build context. */
export interface ContextFile {
  path: string;
  content: string | Buffer;
  mode?: number;
}

/**
 * The build context of an image that is `FROM` another one and trusts more certificate authorities.
 *
 * Works without a network and in images that have no `ca-certificates`, whose later installation finds them too.
 */
export function trustContext(certificates: string[]): ContextFile[] {
  const instructions = [
    "ARG BASE_IMAGE",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's variable
    "FROM ${BASE_IMAGE}",
  ];
  if (certificates.length > 0) {
    instructions.push(
      "COPY certificates/ /usr/local/share/ca-certificates/",
      "RUN if command -v update-ca-certificates; then update-ca-certificates; else \\",
      "    mkdir -p /etc/ssl/certs; \\",
      "    cat /usr/local/share/ca-certificates/flotilla-*.crt >> /etc/ssl/certs/ca-certificates.crt; fi",
      "ENV NODE_EXTRA_CA_CERTS=/usr/local/share/ca-certificates/flotilla.pem \\",
      "    PIP_CERT=/etc/ssl/certs/ca-certificates.crt \\",
      "    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    );
  }
  return [
    { path: "Dockerfile", content: `${instructions.join("\n")}\n` },
    ...certificates.map((content, index) => ({ path: `certificates/flotilla-${index + 1}.crt`, content })),
    { path: "certificates/flotilla.pem", content: certificates.join("") },
  ];
}
