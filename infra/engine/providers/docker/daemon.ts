/** The Docker daemon that one configured provider talks to, and what all of its resources share. */
import type Docker from "dockerode";
import { type DaemonSettings, describeDaemon, dockerConnection } from "./connection";
import { Limit } from "./limit";
import { type Credentials, parseRegistryAuth } from "./registry-auth";

/** More builds at once make each of them slower and the machine useless. */
const PARALLEL_BUILDS = 2;
const buildLimits = new Map<string, Limit>();

export class Daemon {
  readonly credentials: Credentials[];
  /** Shared by all providers of this process that talk to the same daemon. */
  readonly builds: Limit;
  private client: Docker | undefined;

  constructor(private readonly configuration: DaemonSettings & { registryAuth?: unknown }) {
    this.credentials = parseRegistryAuth(configuration.registryAuth);
    const address = describeDaemon(configuration);
    this.builds = buildLimits.get(address) ?? new Limit(PARALLEL_BUILDS);
    buildLimits.set(address, this.builds);
  }

  /** Made when it is first used: a preview of what has not changed asks the daemon nothing. */
  get docker(): Docker {
    this.client ??= dockerConnection(this.configuration);
    return this.client;
  }
}
