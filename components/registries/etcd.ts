import type { Output } from "@pulumi/pulumi";
import { agentContainer } from "../agent-sidecars";
import { containerSpec } from "../container";
import { flags } from "../flags";
import type { Discovery, FileSpec, WorkloadSpec } from "../platform";
import type { Certificate, RegistryKind, RegistrySetup } from "./registry-kind";

const CLIENT_PORT = 2379;
/** Where etcd itself listens: reached only through the agent, which opens the way once authentication is on. */
const LOOPBACK_ENDPOINT = "https://127.0.0.1:2378";
const PEER_URL = "http://127.0.0.1:2380";
const READY_PORT = 15000;
const USER = "flotilla";
/** No folder of an etcd image: that one's owner would be the only one to write to it. */
const DATA = "/registry-data";
const SECRETS = "/run/secrets/etcd";

/**
 * A single etcd with TLS and authentication. It keeps its data in memory: agents register again within seconds when it
 * starts empty, so there is nothing to lose.
 */
export const etcd: RegistryKind = (setup) => {
  const certificate = setup.certificate(setup.name);
  const password = setup.password("agent");
  const prefix = `/flotilla/${setup.namespace}/`;
  const discovery: Discovery = {
    arguments: flags({
      registry: "etcd",
      "registry-endpoint": `https://${setup.name}:${CLIENT_PORT}`,
      "registry-prefix": prefix,
      "registry-user": USER,
      "registry-password-file": "/run/secrets/registry/password",
      "registry-ca-file": "/run/secrets/registry/ca.pem",
    }),
    bundles: [
      {
        name: `${setup.name}-access`,
        files: [
          file("/run/secrets/registry/password", password, true),
          file("/run/secrets/registry/ca.pem", certificate.authorityPem, false),
        ],
      },
    ],
  };
  return { server: server(setup, certificate, password, prefix), discovery };
};

function server(
  setup: RegistrySetup,
  certificate: Certificate,
  password: Output<string>,
  prefix: string,
): WorkloadSpec {
  const gateArguments = flags({
    listen: `:${CLIENT_PORT}`,
    etcd: LOOPBACK_ENDPOINT,
    "ca-file": `${SECRETS}/ca.pem`,
    "root-password-file": `${SECRETS}/root-password`,
    user: USER,
    "password-file": `${SECRETS}/password`,
    prefix,
    "ready-listen": `:${READY_PORT}`,
  });
  const gateFiles = [
    file(`${SECRETS}/ca.pem`, certificate.authorityPem, false),
    file(`${SECRETS}/root-password`, setup.password("root"), true),
    file(`${SECRETS}/password`, password, true),
  ];
  const nowhere: Discovery = { arguments: [], bundles: [] };
  const gate = agentContainer(
    "agent-gate",
    setup.agentImage,
    nowhere,
    ["etcd-gate", ...gateArguments],
    READY_PORT,
  );
  const args = {
    entrypoint: ["etcd"],
    command: flags({
      name: setup.name,
      "data-dir": DATA,
      "listen-client-urls": LOOPBACK_ENDPOINT,
      "advertise-client-urls": LOOPBACK_ENDPOINT,
      "listen-peer-urls": PEER_URL,
      "initial-advertise-peer-urls": PEER_URL,
      "initial-cluster": `${setup.name}=${PEER_URL}`,
      "cert-file": `${SECRETS}/certificate.pem`,
      "key-file": `${SECRETS}/key.pem`,
      // Every connection costs a hash, and a generated password of 32 characters needs no slow one.
      "bcrypt-cost": "4",
      "auto-compaction-mode": "periodic",
      "auto-compaction-retention": "10m",
    }),
    // etcd 3.4 starts on arm64 only when told that it may.
    environment: { ETCD_UNSUPPORTED_ARCH: "arm64" },
    volumes: { data: { path: DATA, sizeMiB: 256 } },
    memoryMiB: 512,
    probe: { tcp: { port: 2378 }, startPeriodSeconds: 30 },
  };
  const main = containerSpec("main", setup.image("etcd"), args, undefined);
  main.files = [
    file(`${SECRETS}/certificate.pem`, certificate.certificatePem, false),
    file(`${SECRETS}/key.pem`, certificate.privateKeyPem, true),
  ];
  return {
    lifetime: "service",
    // The gate is ready only when etcd is: one wait is enough.
    main: { ...main, awaitHealthy: false },
    sidecars: [{ ...gate, files: gateFiles, order: "after" }],
    init: [],
    tasks: [],
    ports: [{ name: "client", port: CLIENT_PORT, protocol: "tcp", scheme: "https" }],
    volumes: [{ name: "data", kind: "ephemeral", sizeMiB: 256 }],
    replicas: 1,
    // Two registries at once would each know half of the instances.
    rollout: "recreate",
    startAfter: [],
    drainSeconds: 0,
    admits: "platform",
  };
}

function file(path: string, content: Output<string>, secret: boolean): FileSpec {
  return { path, content, mode: "0444", secret, live: false };
}
