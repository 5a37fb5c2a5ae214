import { createHash } from "node:crypto";
import { interpolate } from "@pulumi/pulumi";
import { access, DATA, file, guardedServer, SECRETS, USER } from "./guarded-server";
import type { RegistryKind } from "./registry-kind";

const CLIENT_PORT = 2181;
const OWN_PORT = 2180;
const FOLLOWER_PORT = 2888;
const ELECTION_PORT = 3888;

/**
 * ZooKeeper with a user of the agents', to whom the nodes of instances belong; the root belongs to nobody but the gate,
 * which also speaks TLS for it.
 */
export const zookeeper: RegistryKind = (setup) => {
  const single = setup.servers.length === 1;
  const addresses = setup.servers.map(({ address }) => address);
  const certificate = setup.certificate(addresses);
  const [password, superPassword] = [setup.password("agent"), setup.password("super")];
  const prefix = `/flotilla/${setup.namespace}/`;
  const endpoints = addresses.map((address) => `${address}:${CLIENT_PORT}`);
  const configuration = superPassword.apply((secret) => configurationOf(addresses, secret));
  const quorumPem = interpolate`${certificate.privateKeyPkcs8Pem}${certificate.certificatePem}`;
  const image = setup.image("zookeeper");
  const servers = setup.servers.map(({ name }, index) => {
    const start = `exec zkServer.sh start-foreground ${SECRETS}/zoo.cfg`;
    const spec = guardedServer(setup, {
      port: CLIENT_PORT,
      ownPort: OWN_PORT,
      peerPorts: [
        { name: "follower", port: FOLLOWER_PORT, protocol: "tcp", scheme: "tcp" },
        { name: "election", port: ELECTION_PORT, protocol: "tcp", scheme: "tcp" },
      ],
      image,
      args: {
        // ZooKeeper reads its number from nowhere but a file among its data.
        entrypoint: ["sh", "-c", single ? start : `echo ${index + 1} > ${DATA}/myid && ${start}`],
        environment: { SERVER_JVMFLAGS: "-Xms32m -Xmx256m -XX:+UseSerialGC", ZOO_LOG_DIR: "/tmp" },
      },
      files: [
        file(`${SECRETS}/zoo.cfg`, configuration, true),
        ...(single
          ? []
          : [
              file(`${SECRETS}/ca.pem`, certificate.authorityPem, false),
              file(`${SECRETS}/quorum.pem`, quorumPem, true),
            ]),
      ],
      gate: {
        kind: "zookeeper",
        server: `127.0.0.1:${OWN_PORT}`,
        "certificate-file": `${SECRETS}/certificate.pem`,
        "key-file": `${SECRETS}/key.pem`,
        "admin-secret-file": `${SECRETS}/super-password`,
        user: USER,
        "secret-file": `${SECRETS}/password`,
        prefix,
      },
      gateFiles: [
        file(`${SECRETS}/certificate.pem`, certificate.certificatePem, false),
        file(`${SECRETS}/key.pem`, certificate.privateKeyPem, true),
        file(`${SECRETS}/super-password`, superPassword, true),
        file(`${SECRETS}/password`, password, true),
      ],
    });
    return { name, spec };
  });
  const registry = { kind: "zookeeper", endpoints, prefix, user: USER };
  return { servers, discovery: access(setup, registry, password, certificate.authorityPem) };
};

function configurationOf(addresses: string[], superPassword: string): string {
  const digest = createHash("sha1").update(`super:${superPassword}`).digest("base64");
  const quorum = [
    ...addresses.map((address, index) => `server.${index + 1}=${address}:${FOLLOWER_PORT}:${ELECTION_PORT}`),
    "initLimit=20",
    "syncLimit=5",
    "quorumListenOnAllIPs=true",
    "sslQuorum=true",
    `ssl.quorum.keyStore.location=${SECRETS}/quorum.pem`,
    "ssl.quorum.keyStore.type=PEM",
    `ssl.quorum.trustStore.location=${SECRETS}/ca.pem`,
    "ssl.quorum.trustStore.type=PEM",
    // The authority signs nothing but these servers, whose addresses need not be what their names resolve to.
    "ssl.quorum.hostnameVerification=false",
  ];
  return [
    `dataDir=${DATA}`,
    `clientPort=${OWN_PORT}`,
    "clientPortAddress=127.0.0.1",
    // Sessions of 8 s need ticks of 4 s at most.
    "tickTime=1000",
    // All agents come from the gate's address.
    "maxClientCnxns=0",
    "admin.enableServer=false",
    "preAllocSize=4096",
    "autopurge.purgeInterval=1",
    `DigestAuthenticationProvider.superDigest=super:${digest}`,
    ...(addresses.length === 1 ? [] : quorum),
    "",
  ].join("\n");
}
