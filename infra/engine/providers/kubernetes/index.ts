/** The embedded provider of package `kubernetes`: objects of every kind by server-side apply. */
import { type CallContext, PartialCreateError, type Properties, type Provider } from "../../provider";
import { Cluster } from "./cluster";
import { Unreachable } from "./errors";
import { clusterAccess } from "./kubeconfig";
import { PatchResource } from "./patch";
import { ObjectResource } from "./resource";
import { parseSettings } from "./settings";
import { parseType } from "./types";

export const createKubernetesProvider = (configuration: Properties): Provider => {
  const settings = parseSettings(configuration);
  let cluster: Cluster | undefined;
  const instances = new Map<string, ObjectResource>();
  const resource = ({ type: token }: CallContext): ObjectResource => {
    const type = parseType(token);
    // Looked up when first used: a provider without resources needs no cluster.
    cluster ??= new Cluster(clusterAccess(settings));
    const Resource = type.isPatch ? PatchResource : ObjectResource;
    const found = instances.get(token) ?? new Resource(cluster, type, settings);
    instances.set(token, found);
    return found;
  };
  /** What a cluster that is gone for good comes to, when the program says so. */
  const unlessGone = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await plainly(call);
    } catch (error) {
      if (settings.deleteUnreachable && (error as Error).cause instanceof Unreachable) return undefined;
      throw error;
    }
  };
  return {
    check: (context, oldInputs, newInputs) =>
      plainly(async () => resource(context).check(context, oldInputs, newInputs)),
    diff: (context, old, newInputs) => plainly(async () => resource(context).diff(context, old, newInputs)),
    create: (context, inputs) => plainly(async () => resource(context).create(context, inputs)),
    update: (context, old, newInputs) =>
      plainly(async () => resource(context).update(context, old, newInputs)),
    delete: (context, old) => unlessGone(async () => resource(context).delete(context, old)),
    read: (context, id, inputs, outputs) =>
      unlessGone(async () => resource(context).read(context, id, inputs, outputs)),
    recover: (context, inputs, since) =>
      plainly(async () => resource(context).recover(context, inputs, since)),
    secretOutputs: (type) => (type === "kubernetes:core/v1:Secret" ? ["data", "stringData"] : []),
    async invoke(token: string): Promise<Properties> {
      throw new Error(
        `The embedded engine's kubernetes provider has no function ${token}. Write the objects as resources, or deploy with Pulumi's CLI.`,
      );
    },
  };
};

/** Errors of the API and of connections carry much that users need not read. */
async function plainly<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof PartialCreateError || !(error instanceof Error)) throw error;
    throw new Error(error.message, { cause: error });
  }
}
