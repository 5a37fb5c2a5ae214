/** The keys and certificates of a cluster, made once and kept as files. */
import "reflect-metadata";
import { generateKeyPairSync, type webcrypto } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const validMilliseconds = 10 * 365 * 24 * 3600 * 1000;

/** Lets the clocks of two machines differ. */
const clockSkewMilliseconds = 3600 * 1000;

export interface Identity {
  /** User, or name of a server. */
  commonName: string;
  /** The user's group. */
  organization?: string;
}

interface ServerNames {
  /** Names and addresses that a server is called by. */
  names: string[];
}

/** Users of the API, each with a kubeconfig; the groups and names are the ones that Kubernetes gives rights to. */
const users: Record<string, Identity> = {
  admin: { commonName: "flotilla-admin", organization: "system:masters" },
  "kube-controller-manager": { commonName: "system:kube-controller-manager" },
  "kube-scheduler": { commonName: "system:kube-scheduler" },
  "kube-proxy": { commonName: "system:kube-proxy" },
};

/** What differs between the clusters that secrets are made for. */
export interface ClusterIdentity {
  /** Address of the API, e.g. `"https://10.250.0.1:6443"`. */
  server: string;
  /** Name of the context in the kubeconfigs. */
  context: string;
  /** Names and addresses of the API server. */
  apiNames: string[];
  /** The node that has a kubelet, when one has. */
  node?: { name: string; address: string };
}

/** Makes all secrets of a cluster below `folder`, unless they are there. */
export async function ensureSecrets(folder: string, cluster: ClusterIdentity): Promise<void> {
  if (fs.existsSync(folder)) {
    return;
  }
  const aside = `${folder}.${process.pid}`;
  fs.mkdirSync(aside, { recursive: true, mode: 0o700 });
  await writeSecrets(aside, cluster);
  fs.renameSync(aside, folder);
}

async function writeSecrets(folder: string, cluster: ClusterIdentity): Promise<void> {
  const write = (name: string, content: string) =>
    fs.writeFileSync(path.join(folder, name), content, { mode: 0o600 });
  const writePair = (name: string, { certificate, key }: KeyPair) => {
    write(`${name}.crt`, certificate);
    write(`${name}.key`, key);
  };
  const authority = await Authority.create("flotilla-cluster");
  writePair("ca", authority.pair);
  writePair("apiserver", await authority.server("kube-apiserver", { names: cluster.apiNames }));
  const kubeletClient = { commonName: "kube-apiserver-kubelet-client", organization: "system:masters" };
  writePair("kubelet-client", await authority.client(kubeletClient));
  const metricsNames = { names: ["metrics-server.kube-system.svc"] };
  writePair("metrics-server", await authority.server("metrics-server", metricsNames));
  const frontProxy = await Authority.create("flotilla-cluster-front-proxy");
  writePair("front-proxy-ca", frontProxy.pair);
  writePair("front-proxy", await frontProxy.client({ commonName: "front-proxy" }));
  const accounts = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  write("service-accounts.key", accounts.privateKey);
  write("service-accounts.pub", accounts.publicKey);
  const clients = { ...users };
  if (cluster.node !== undefined) {
    const { name, address } = cluster.node;
    clients.kubelet = { commonName: `system:node:${name}`, organization: "system:nodes" };
    writePair("kubelet", await authority.server(`system:node:${name}`, { names: [name, address] }));
  }
  for (const [name, identity] of Object.entries(clients)) {
    const pair = await authority.client(identity);
    write(`${name}.kubeconfig`, kubeconfig(cluster, authority.pair.certificate, name, pair));
  }
}

interface KeyPair {
  certificate: string;
  key: string;
}

function kubeconfig(cluster: ClusterIdentity, authority: string, user: string, pair: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const { context, server } = cluster;
  // JSON is YAML, too.
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: context, cluster: { server, "certificate-authority-data": base64(authority) } }],
      users: [
        {
          name: user,
          user: {
            "client-certificate-data": base64(pair.certificate),
            "client-key-data": base64(pair.key),
          },
        },
      ],
      contexts: [{ name: context, context: { cluster: context, user } }],
      "current-context": context,
    },
    undefined,
    2,
  )}\n`;
}

/** A certificate authority with what it has signed. */
class Authority {
  private constructor(
    private readonly certificate: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
    readonly pair: KeyPair,
  ) {}

  static async create(name: string): Promise<Authority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Authority(certificate, keys, await toPair(certificate, keys));
  }

  client(identity: Identity): Promise<KeyPair> {
    return this.sign(identity, x509.ExtendedKeyUsage.clientAuth, []);
  }

  server(commonName: string, { names }: ServerNames): Promise<KeyPair> {
    const alternatives = names.map((value) => ({
      type: /^[\d.]+$/.test(value) ? ("ip" as const) : ("dns" as const),
      value,
    }));
    return this.sign({ commonName }, x509.ExtendedKeyUsage.serverAuth, [
      new x509.SubjectAlternativeNameExtension(alternatives),
    ]);
  }

  private async sign(identity: Identity, usage: string, extensions: x509.Extension[]): Promise<KeyPair> {
    const keys = await generateKeys();
    const subject = [{ CN: [identity.commonName] }];
    const certificate = await x509.X509CertificateGenerator.create({
      subject: identity.organization === undefined ? subject : [{ O: [identity.organization] }, ...subject],
      issuer: this.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        ...extensions,
      ],
    });
    return toPair(certificate, keys);
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

function validity() {
  const now = Date.now();
  return { notBefore: new Date(now - clockSkewMilliseconds), notAfter: new Date(now + validMilliseconds) };
}

async function toPair(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
