import { createHash } from "node:crypto";
import { all, type Output } from "@pulumi/pulumi";
import { access, DATA, file, guardedServer, SECRETS, USER } from "./guarded-server";
import type { RegistryKind, RegistryServer } from "./registry-kind";

const CLIENT_PORT = 8501;
const OWN_PORT = 8502;
const SERVER_PORT = 8300;
const GOSSIP_PORT = 8301;
/** What Consul's servers call each other in certificates. */
const SERVER_NAME = "server.dc1.consul";

/** Consul with TLS and access control lists: strangers may do nothing, and agents no more than register and look up. */
export const consul: RegistryKind = (setup) => {
  const certificate = setup.certificate([...setup.servers.map(({ address }) => address), SERVER_NAME]);
  const [token, adminToken] = [uuidOf(setup.password("agent")), uuidOf(setup.password("admin"))];
  const gossipKey = setup.password("gossip").apply((key) => Buffer.from(key).toString("base64"));
  const prefix = `${setup.namespace}-`;
  const endpoints = setup.servers.map(({ address }) => `https://${address}:${CLIENT_PORT}`);
  const authority = file(`${SECRETS}/ca.pem`, certificate.authorityPem, false);
  const image = setup.image("consul");
  const servers = setup.servers.map((own) => {
    const configured = all([adminToken, gossipKey]).apply(([admin, gossip]) =>
      JSON.stringify(configuration(own, setup.servers, admin, gossip)),
    );
    const spec = guardedServer(setup, {
      port: CLIENT_PORT,
      ownPort: OWN_PORT,
      peerPorts: [
        { name: "server", port: SERVER_PORT, protocol: "tcp", scheme: "tcp" },
        { name: "gossip", port: GOSSIP_PORT, protocol: "tcp", scheme: "tcp" },
      ],
      image,
      args: {
        entrypoint: ["consul"],
        command: ["agent", "-config-file", `${SECRETS}/consul.json`],
      },
      files: [
        authority,
        file(`${SECRETS}/certificate.pem`, certificate.certificatePem, false),
        file(`${SECRETS}/key.pem`, certificate.privateKeyPem, true),
        file(`${SECRETS}/consul.json`, configured, true),
      ],
      gate: {
        kind: "consul",
        server: `https://127.0.0.1:${OWN_PORT}`,
        "ca-file": `${SECRETS}/ca.pem`,
        "admin-secret-file": `${SECRETS}/admin-token`,
        user: USER,
        "secret-file": `${SECRETS}/token`,
        prefix,
      },
      gateFiles: [
        authority,
        file(`${SECRETS}/admin-token`, adminToken, true),
        file(`${SECRETS}/token`, token, true),
      ],
    });
    return { name: own.name, spec };
  });
  const registry = { kind: "consul", endpoints, prefix };
  return { servers, discovery: access(setup, registry, token, certificate.authorityPem) };
};

function configuration(
  own: RegistryServer,
  servers: RegistryServer[],
  adminToken: string,
  gossipKey: string,
): object {
  const single = servers.length === 1;
  const pair = { cert_file: `${SECRETS}/certificate.pem`, key_file: `${SECRETS}/key.pem` };
  const internal = { ...pair, ca_file: `${SECRETS}/ca.pem`, verify_incoming: true, verify_outgoing: true };
  return {
    server: true,
    bootstrap_expect: servers.length,
    node_name: own.name,
    data_dir: DATA,
    bind_addr: single ? "127.0.0.1" : "0.0.0.0",
    client_addr: "127.0.0.1",
    retry_join: servers.filter((other) => other !== own).map(({ address }) => address),
    retry_interval: "2s",
    ports: {
      ...{ server: SERVER_PORT, serf_lan: GOSSIP_PORT, https: OWN_PORT },
      ...{ http: -1, dns: -1, grpc: -1, grpc_tls: -1, serf_wan: -1 },
    },
    encrypt: gossipKey,
    tls: { https: pair, internal_rpc: { ...internal, verify_server_hostname: true } },
    acl: {
      enabled: true,
      default_policy: "deny",
      down_policy: "deny",
      tokens: { initial_management: adminToken, agent: adminToken },
    },
    // All agents come from the gate's address; a server that may not open as many files does not start.
    limits: { http_max_conns_per_client: 4000 },
    performance: { raft_multiplier: 1 },
    // Who is away comes back. Consul would take its vote away and return it ten seconds after: too late for the next loss.
    autopilot: { min_quorum: servers.length },
    disable_update_check: true,
    log_level: "warn",
  };
}

/** Consul's tokens are UUIDs; this one is as hard to guess as the password that it is made from. */
function uuidOf(password: Output<string>): Output<string> {
  return password.apply((text) => {
    const hex = createHash("sha256").update(text).digest("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      "-",
    );
  });
}
