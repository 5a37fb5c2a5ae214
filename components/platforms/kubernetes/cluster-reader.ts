import { setTimeout as pause } from "node:timers/promises";
import { RunError } from "@pulumi/pulumi/errors";

/** What a platform may ask of the cluster itself. */
export interface ClusterReader {
  /** API versions of its API groups, e.g. `"keda.sh/v1alpha1"`; those of the core are not among them. */
  served(): Promise<string[]>;
  /** All objects of a kind that belongs to no namespace. */
  list(apiVersion: string, plural: string): Promise<ClusterObject[]>;
}

export interface ClusterObject {
  metadata: { name: string };
  status?: Record<string, unknown>;
}

/** Reads from the cluster of a context with Kubernetes' own client, which is loaded only when something is asked. */
export function clusterReader(kubeconfig: string | undefined, context: string | undefined): ClusterReader {
  const configured = once(() => load(kubeconfig, context));
  const served = once(async () => {
    const { client, config } = await configured();
    const { groups } = await client.told(() => config.makeApiClient(client.ApisApi).getAPIVersions());
    return groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
  });
  return {
    served,
    async list(apiVersion, plural) {
      const { client, config } = await configured();
      const [group, version] = apiVersion.split("/");
      const api = config.makeApiClient(client.CustomObjectsApi);
      const { items } = await client.told(() => api.listClusterCustomObject({ group, version, plural }));
      return items;
    },
  };
}

/** `kubeconfig` is a path, or the content itself. */
async function load(kubeconfig: string | undefined, context: string | undefined) {
  const client = await loadClient();
  const config = new client.KubeConfig();
  try {
    if (kubeconfig === undefined) {
      config.loadFromDefault();
    } else if (kubeconfig.includes("\n")) {
      config.loadFromString(kubeconfig);
    } else {
      config.loadFromFile(kubeconfig);
    }
  } catch (error) {
    throw new RunError(`The kubeconfig cannot be read: ${(error as Error).message}. Correct kubeconfig.`);
  }
  if (context !== undefined) {
    config.setCurrentContext(context);
  }
  const name = config.getCurrentContext();
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    const known = config.contexts.map((candidate) => candidate.name).join(", ") || "none";
    throw new RunError(`The kubeconfig has no cluster for context "${name}". Known are ${known}.`);
  }
  const told = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await patiently(ask);
    } catch (error) {
      throw new RunError(`The cluster of context "${name}" (${server}) ${reason(error as Failure)}`);
    }
  };
  return { config, client: { ...client, told } };
}

/** A server that is busy, or still makes room for a kind that was just defined, answers so and is asked again. */
const BUSY = [429, 503];
const TRIES = 10;
const PAUSE_MS = 1000;

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const { code } = error as Failure;
      if (tries === TRIES || typeof code !== "number" || !BUSY.includes(code)) {
        throw error;
      }
      await pause(PAUSE_MS);
    }
  }
}

async function loadClient() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 15)) {
    const rule = "Asking the cluster what it serves needs Node 22.15 or newer";
    throw new RunError(`${rule}, and this is ${process.versions.node}. Install a newer one.`);
  }
  return await import("@kubernetes/client-node");
}

/** An answer's status as a number, or a connection that failed, for a cause of its own. */
interface Failure {
  code?: number | string;
  message: string;
  cause?: { message?: string };
}

function reason({ code, message, cause }: Failure): string {
  if (typeof code === "number") {
    const fix = BUSY.includes(code) ? "Try again when it is less busy." : "Correct the user of that context.";
    return `answers ${code} when it is asked what it serves. ${fix}`;
  }
  return `does not answer: ${cause?.message ?? message}. Start it, or correct kubeconfig and context.`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
