/** The Docker daemon that one configured provider talks to, and what all of its resources share. */
import type Docker from "dockerode";
import { type DaemonSettings, describeDaemon, dockerConnection } from "./connection";
import { Limit } from "./limit";
import { type Credentials, parseRegistryAuth } from "./registry-auth";

/** More builds at once make each of them slower and the machine useless. */
const PARALLEL_BUILDS = 2;
const buildLimits = new Map<string, Limit>();

export class Daemon {
  readonly docker: Docker;
  readonly credentials: Credentials[];
  /** Shared by all providers of this process that talk to the same daemon. */
  readonly builds: Limit;

  constructor(configuration: DaemonSettings & { registryAuth?: unknown }) {
    this.docker = dockerConnection(configuration);
    this.credentials = parseRegistryAuth(configuration.registryAuth);
    const address = describeDaemon(configuration);
    this.builds = buildLimits.get(address) ?? new Limit(PARALLEL_BUILDS);
    buildLimits.set(address, this.builds);
  }
}
