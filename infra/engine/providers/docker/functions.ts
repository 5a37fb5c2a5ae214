/** The functions of package docker that look up what is there. */
import type { Properties } from "../../provider";
import type { Daemon } from "./daemon";
import { failed } from "./errors";
import { ipamConfigs } from "./network";
import { repoDigest } from "./remote-image";

export const functions: Record<string, (daemon: Daemon, args: Properties) => Promise<Properties>> = {
  "docker:index/getNetwork:getNetwork": getNetwork,
  "docker:index/getRemoteImage:getRemoteImage": getRemoteImage,
};

async function getNetwork({ docker }: Daemon, { name }: Properties): Promise<Properties> {
  try {
    const live = await docker.getNetwork(name).inspect();
    const { Id: id, Driver: driver, Internal: internal, Options: options, Scope: scope } = live;
    return {
      id,
      name: live.Name,
      driver,
      internal,
      ipamConfigs: ipamConfigs(live),
      options: options ?? {},
      scope,
    };
  } catch (error) {
    throw failed(`network ${name} could not be looked up`, error);
  }
}

async function getRemoteImage({ docker }: Daemon, { name }: Properties): Promise<Properties> {
  try {
    const live = await docker.getImage(name).inspect();
    return { id: live.Id, name, repoDigest: repoDigest(name, live.RepoDigests ?? []) };
  } catch (error) {
    throw failed(`image ${name} could not be looked up`, error);
  }
}
