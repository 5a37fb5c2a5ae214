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
  const client = await import("@kubernetes/client-node");
  const config = new client.KubeConfig();
  if (kubeconfig === undefined) {
    config.loadFromDefault();
  } else if (kubeconfig.includes("\n")) {
    config.loadFromString(kubeconfig);
  } else {
    config.loadFromFile(kubeconfig);
  }
  if (context !== undefined) {
    config.setCurrentContext(context);
  }
  const told = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      const server = config.getCurrentCluster()?.server ?? "no server";
      throw new RunError(
        `The cluster of context "${config.getCurrentContext()}" (${server}) ${reason(error)}`,
      );
    }
  };
  return { config, client: { ...client, told } };
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: number | string; message: string };
  return typeof code === "number"
    ? `answers ${code} when it is asked what it serves. Correct the user of that context.`
    : `does not answer: ${message}. Start it, or correct kubeconfig and context.`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
