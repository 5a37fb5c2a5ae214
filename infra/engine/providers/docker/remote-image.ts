/** docker:index/remoteImage:RemoteImage */
import type Docker from "dockerode";
import type { CallContext, CheckFailure, Properties, ResourceState } from "../../provider";
import { buildImage } from "./build";
import { failed, isConflict, isMissing, unlessMissing } from "./errors";
import { pullImage } from "./pull";
import { DockerResource, type StoredState } from "./resource";
import { asOutputs, flag, list, map, number, object, type Schema, set, text } from "./schema";

const replaces = { replaces: true };
const unsupported = { unsupported: true };

const META = JSON.stringify({
  "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": { create: 12e11, delete: 12e11, update: 12e11 },
});

const build: Schema = {
  additionalContexts: list(text(), unsupported),
  authConfigs: list(text(), unsupported),
  buildArgs: map(),
  buildId: text(unsupported),
  buildLogFile: text(unsupported),
  builder: text(unsupported),
  cacheFroms: list(text(), unsupported),
  cacheTos: list(text(), unsupported),
  cgroupParent: text(unsupported),
  context: text({ required: true }),
  cpuPeriod: number(unsupported),
  cpuQuota: number(unsupported),
  cpuSetCpus: text(unsupported),
  cpuSetMems: text(unsupported),
  cpuShares: number(unsupported),
  dockerfile: text({ fallback: "Dockerfile" }),
  extraHosts: list(text()),
  forceRemove: flag(),
  isolation: text(unsupported),
  label: map(),
  labels: map(),
  memory: number(),
  memorySwap: number(),
  networkMode: text(),
  noCache: flag(),
  platform: text(),
  provenance: text(unsupported),
  pullParent: flag(),
  remoteContext: text(unsupported),
  remove: flag({ fallback: true }),
  sbom: text(unsupported),
  secrets: list(text(), unsupported),
  securityOpts: list(text(), unsupported),
  sessionId: text(unsupported),
  shmSize: number(),
  squash: flag(unsupported),
  suppressOutput: flag(unsupported),
  tags: list(text()),
  target: text(),
  ulimits: list(text(), unsupported),
  useLegacyBuilder: flag({ fallback: false }),
  version: text(unsupported),
};

export class RemoteImageResource extends DockerResource {
  protected readonly schema = {
    name: text({ ...replaces, required: true }),
    build: object(build, replaces),
    forceRemove: flag(),
    keepLocally: flag(),
    platform: text(replaces),
    pullTriggers: set(text(), replaces),
    triggers: map(replaces),
  };
  protected override readonly autoNamed = false;
  protected override readonly replacementOrder = "create first";

  protected override refuse({ build, pullTriggers }: Properties): CheckFailure[] {
    if (!build || !pullTriggers) return [];
    return [
      { property: "pullTriggers", reason: "does not go with build: an image is either pulled or built" },
    ];
  }

  async create(context: CallContext, inputs: Properties): Promise<ResourceState> {
    const image = this.daemon.docker.getImage(inputs.name);
    if (inputs.build) await buildImage(this.daemon, context, inputs.name, inputs.build, inputs.platform);
    else if (!(await unlessMissing(image.inspect()))) {
      await pullImage(this.daemon, context, inputs.name, inputs.platform);
    }
    const live = await image.inspect();
    return { id: idOf(live, inputs), outputs: this.outputs(inputs, live) };
  }

  /** Only how the image is deleted can change. */
  async update(_context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties> {
    const { imageId, repoDigest } = old.outputs;
    return { ...this.base(newInputs), id: old.id, imageId, repoDigest };
  }

  /** Takes away this resource's name only; an image that others use or name stays, without a word. */
  async delete(_context: CallContext, { inputs, outputs }: StoredState): Promise<void> {
    if (inputs.keepLocally) return;
    const named = await unlessMissing(this.daemon.docker.getImage(inputs.name).inspect());
    // A replacement of the same name has taken the name over: what is left of the old image has none.
    const target = named && named.Id !== outputs.imageId ? outputs.imageId : inputs.name;
    try {
      await this.daemon.docker
        .getImage(target)
        .remove({ force: inputs.forceRemove === true && target === inputs.name });
    } catch (error) {
      if (isMissing(error) || isConflict(error)) return;
      // Deletes of images that share layers trip over each other in the daemon when the image itself is gone already.
      if ((await unlessMissing(this.daemon.docker.getImage(target).inspect())) === undefined) return;
      throw failed(`image ${inputs.name} could not be deleted`, error);
    }
  }

  async read(_id: string, inputs: Properties, outputs: Properties): Promise<StoredState | undefined> {
    const live = await unlessMissing(this.daemon.docker.getImage(inputs.name ?? outputs.name).inspect());
    return live && { id: idOf(live, inputs), inputs, outputs: this.outputs(inputs, live) };
  }

  /** Pulling or building again does no harm and is quick, as the layers are there. */
  async recover(): Promise<undefined> {
    return undefined;
  }

  private base(inputs: Properties): Properties {
    // The plugin has null for what was not given here, and the empty value only within `build`.
    const given = Object.fromEntries(Object.keys(this.schema).map((key) => [key, inputs[key] ?? null]));
    return { ...given, build: inputs.build ? asOutputs(build, inputs.build) : null, __meta: META };
  }

  private outputs(inputs: Properties, live: Docker.ImageInspectInfo): Properties {
    return {
      ...this.base(inputs),
      id: idOf(live, inputs),
      imageId: live.Id,
      repoDigest: repoDigest(inputs.name, live.RepoDigests ?? []),
    };
  }
}

/** The plugin's own: an image that is replaced under the same name is another resource. */
const idOf = (live: Docker.ImageInspectInfo, inputs: Properties): string => `${live.Id}${inputs.name}`;

/** The digest of the named repository, else the first one, "" for an image of no registry. */
export function repoDigest(name: string, digests: string[]): string {
  const repository = name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0] ?? "";
}
