/** The embedded provider of package `docker`: networks, volumes, images and containers by the Docker Engine API. */
import { type CallContext, PartialCreateError, type Properties, type Provider } from "../../provider";
import { ContainerResource } from "./container";
import { Daemon } from "./daemon";
import { reasonOf } from "./errors";
import { functions } from "./functions";
import { NetworkResource } from "./network";
import { RegistryImageResource } from "./registry-image";
import { RemoteImageResource } from "./remote-image";
import type { DockerResource } from "./resource";
import { TagResource } from "./tag";
import { VolumeResource } from "./volume";

const RESOURCES: Record<string, new (daemon: Daemon) => DockerResource> = {
  "docker:index/container:Container": ContainerResource,
  "docker:index/network:Network": NetworkResource,
  "docker:index/registryImage:RegistryImage": RegistryImageResource,
  "docker:index/remoteImage:RemoteImage": RemoteImageResource,
  "docker:index/tag:Tag": TagResource,
  "docker:index/volume:Volume": VolumeResource,
};

export const createDockerProvider = (configuration: Properties): Provider => {
  const daemon = new Daemon(configuration);
  const instances = new Map<string, DockerResource>();
  const resource = ({ type }: CallContext): DockerResource => {
    const Resource = RESOURCES[type];
    if (!Resource) throw new Error(unknown("resource type", type, Object.keys(RESOURCES)));
    const found = instances.get(type) ?? new Resource(daemon);
    instances.set(type, found);
    return found;
  };
  return {
    check: async (context, oldInputs, newInputs) => resource(context).check(context, oldInputs, newInputs),
    diff: async (context, old, newInputs) => resource(context).diff(old, newInputs),
    create: (context, inputs) => plainly(() => resource(context).create(context, inputs)),
    update: (context, old, newInputs) => plainly(() => resource(context).update(context, old, newInputs)),
    delete: (context, old) => plainly(() => resource(context).delete(context, old)),
    read: (context, id, inputs, outputs) => plainly(() => resource(context).read(id, inputs, outputs)),
    recover: (context, inputs, since) => plainly(() => resource(context).recover(context, inputs, since)),
    async invoke(token: string, args: Properties): Promise<Properties> {
      const call = functions[token];
      if (!call) throw new Error(unknown("function", token, Object.keys(functions)));
      return call(daemon, args);
    },
  };
};

/** The client library's errors come with codes and decoration: users get the sentence. */
async function plainly<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof PartialCreateError ? error : new Error(reasonOf(error), { cause: error });
  }
}

function unknown(kind: string, token: string, known: string[]): string {
  const way = "Use one of them, or deploy with the Pulumi CLI.";
  return `The embedded engine's docker provider has no ${kind} ${token}; it has ${known.join(", ")}. ${way}`;
}
