import type { Input, Output } from "@pulumi/pulumi";
import { agentContainer } from "../agent-sidecars";
import { type ContainerArgs, containerSpec, volumeSpecs } from "../container";
import type { FileSpec, PortSpec } from "../container-spec";
import { flags } from "../flags";
import type { Discovery, WorkloadSpec } from "../platform";
import type { RegistrySetup } from "./registry-kind";

/** No folder of any image: that one's owner would be the only one to write to it. */
export const DATA = "/registry-data";
/** Where the secrets of a server and its gate are. */
export const SECRETS = "/run/secrets/server";
/** Name of the agents' user, and of what allows them in. */
export const USER = "flotilla";

const READY_PORT = 15000;
const ACCESS = "/run/secrets/registry";

/** One server and the gate in front of it. */
export interface GuardedServer {
  /** Port on which agents reach it. */
  port: number;
  /** Port on loopback on which the server itself listens. */
  ownPort: number;
  /** Between servers; unused by a single one. */
  peerPorts: PortSpec[];
  /** What the program needs beside its data: image, arguments, environment, files. */
  image: Input<string>;
  args: Omit<ContainerArgs, "image" | "probe" | "volumes" | "memoryMiB">;
  files: FileSpec[];
  /** Arguments of the gate, beside those that every gate has. */
  gate: Record<string, string>;
  gateFiles: FileSpec[];
}

/**
 * A registry's server, reached only through the agent's gate, which opens the way once strangers are refused. A single one
 * keeps its data in memory: agents register again within seconds when it starts empty, so there is nothing to lose. Of
 * three, each keeps its own on a volume, as those that agree by quorum must not forget what they agreed to.
 */
export function guardedServer(setup: RegistrySetup, server: GuardedServer): WorkloadSpec {
  const single = setup.servers.length === 1;
  const args: ContainerArgs = {
    ...server.args,
    volumes: {
      data: single ? { path: DATA, kind: "ephemeral", sizeMiB: 256 } : { path: DATA, kind: "persistent" },
    },
    memoryMiB: 512,
    probe: { tcp: { port: server.ownPort }, startPeriodSeconds: 60 },
  };
  const main = containerSpec("main", server.image, args, undefined);
  const gateArguments = flags({
    ...server.gate,
    listen: `:${server.port}`,
    "ready-listen": `:${READY_PORT}`,
  });
  const nowhere: Discovery = { arguments: [], bundles: [] };
  const gate = agentContainer(
    "agent-gate",
    setup.agentImage,
    nowhere,
    ["gate", ...gateArguments],
    READY_PORT,
  );
  return {
    lifetime: "service",
    // The gate is ready only when the server is: one wait is enough.
    main: { ...main, files: server.files, awaitHealthy: false },
    sidecars: [{ ...gate, files: server.gateFiles, order: "after" }],
    init: [],
    tasks: [],
    ports: [
      { name: "client", port: server.port, protocol: "tcp", scheme: "https" },
      ...(single ? [] : server.peerPorts),
    ],
    volumes: volumeSpecs([args]),
    replicas: 1,
    // Two servers of one name at once would each know half of the instances.
    rollout: "recreate",
    startAfter: [],
    drainSeconds: 0,
    admits: "platform",
  };
}

/** How agents reach a registry with what they log in with. */
export function access(
  setup: RegistrySetup,
  registry: { kind: string; endpoints: string[]; prefix: string; user?: string },
  secret: Output<string>,
  authorityPem: Output<string>,
): Discovery {
  const { kind, endpoints, prefix, user } = registry;
  return {
    arguments: [
      ...flags({ registry: kind }),
      ...endpoints.flatMap((endpoint) => flags({ "registry-endpoint": endpoint })),
      ...flags({ "registry-prefix": prefix }),
      ...(user === undefined ? [] : flags({ "registry-user": user })),
      ...flags({ "registry-password-file": `${ACCESS}/password`, "registry-ca-file": `${ACCESS}/ca.pem` }),
    ],
    bundles: [
      {
        name: `${setup.name}-access`,
        files: [file(`${ACCESS}/password`, secret, true), file(`${ACCESS}/ca.pem`, authorityPem, false)],
      },
    ],
  };
}

export function file(path: string, content: Input<string>, secret: boolean): FileSpec {
  return { path, content, mode: "0444", secret, live: false };
}
