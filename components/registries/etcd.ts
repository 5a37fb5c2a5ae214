import { flags } from "../flags";
import { access, DATA, file, guardedServer, SECRETS, USER } from "./guarded-server";
import type { RegistryKind, RegistryServer } from "./registry-kind";

const CLIENT_PORT = 2379;
const OWN_PORT = 2378;
const PEER_PORT = 2380;
const LOOPBACK_ENDPOINT = `https://127.0.0.1:${OWN_PORT}`;

/** etcd with TLS and a user of the agents', who may touch nothing but their own keys. */
export const etcd: RegistryKind = (setup) => {
  const single = setup.servers.length === 1;
  const certificate = setup.certificate(setup.servers.map(({ address }) => address));
  const [password, rootPassword] = [setup.password("agent"), setup.password("root")];
  const prefix = `/flotilla/${setup.namespace}/`;
  const endpoints = setup.servers.map(({ address }) => `https://${address}:${CLIENT_PORT}`);
  const authority = file(`${SECRETS}/ca.pem`, certificate.authorityPem, false);
  const peerUrl = ({ address }: RegistryServer): string =>
    single ? `http://127.0.0.1:${PEER_PORT}` : `https://${address}:${PEER_PORT}`;
  const peerFlags = {
    "peer-cert-file": `${SECRETS}/certificate.pem`,
    "peer-key-file": `${SECRETS}/key.pem`,
    "peer-trusted-ca-file": `${SECRETS}/ca.pem`,
    "peer-client-cert-auth": "true",
    // The authority signs nothing but these servers, whose addresses need not be what their names resolve to.
    "experimental-peer-skip-client-san-verification": "true",
  };
  const command = (server: RegistryServer): Record<string, string> => ({
    name: server.name,
    "data-dir": DATA,
    "listen-client-urls": LOOPBACK_ENDPOINT,
    "advertise-client-urls": LOOPBACK_ENDPOINT,
    "listen-peer-urls": single ? peerUrl(server) : `https://0.0.0.0:${PEER_PORT}`,
    "initial-advertise-peer-urls": peerUrl(server),
    "initial-cluster": setup.servers.map((one) => `${one.name}=${peerUrl(one)}`).join(","),
    "cert-file": `${SECRETS}/certificate.pem`,
    "key-file": `${SECRETS}/key.pem`,
    // Every connection costs a hash, and a generated password of 32 characters needs no slow one.
    "bcrypt-cost": "4",
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "10m",
  });
  const image = setup.image("etcd");
  const servers = setup.servers.map((own) => {
    const spec = guardedServer(setup, {
      port: CLIENT_PORT,
      ownPort: OWN_PORT,
      peerPorts: [{ name: "peer", port: PEER_PORT, protocol: "tcp", scheme: "https" }],
      image,
      args: {
        entrypoint: ["etcd"],
        command: [...flags(command(own)), ...(single ? [] : optionFlags(peerFlags))],
        // etcd 3.4 starts on arm64 only when told that it may.
        environment: { ETCD_UNSUPPORTED_ARCH: "arm64" },
      },
      files: [
        ...(single ? [] : [authority]),
        file(`${SECRETS}/certificate.pem`, certificate.certificatePem, false),
        file(`${SECRETS}/key.pem`, certificate.privateKeyPem, true),
      ],
      gate: {
        kind: "etcd",
        server: LOOPBACK_ENDPOINT,
        "ca-file": `${SECRETS}/ca.pem`,
        "admin-secret-file": `${SECRETS}/root-password`,
        user: USER,
        "secret-file": `${SECRETS}/password`,
        prefix,
      },
      gateFiles: [
        authority,
        file(`${SECRETS}/root-password`, rootPassword, true),
        file(`${SECRETS}/password`, password, true),
      ],
    });
    return { name: own.name, spec };
  });
  const registry = { kind: "etcd", endpoints, prefix, user: USER };
  return { servers, discovery: access(setup, registry, password, certificate.authorityPem) };
};

/** Flags in one word each: etcd takes the value of one that may stand alone only so. */
function optionFlags(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
