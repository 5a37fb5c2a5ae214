/** docker:index/volume:Volume */
import type Docker from "dockerode";
import type { CallContext, Properties, ResourceState } from "../../provider";
import { failed, isMissing, reasonOf, unlessMissing } from "./errors";
import { DockerResource, type StoredState } from "./resource";
import { asOutputs, labelMap, labelSet, map, object, text } from "./schema";
import { madeSince, retryWhile } from "./waiting";

const replaces = { replaces: true };

/** Containers that were just deleted give a volume up a moment later. */
const LEAVING_MS = 30_000;

type LiveVolume = Docker.VolumeInspectInfo & { CreatedAt?: string };

export class VolumeResource extends DockerResource {
  protected readonly schema = {
    name: text({ ...replaces, required: true }),
    cluster: object({}, { unsupported: true }),
    driver: text(replaces),
    driverOpts: map(replaces),
    labels: labelSet(),
  };

  async create(_context: CallContext, inputs: Properties): Promise<ResourceState> {
    try {
      await this.daemon.docker.createVolume({
        Name: inputs.name,
        Driver: inputs.driver ?? "local",
        DriverOpts: inputs.driverOpts,
        Labels: labelMap(inputs.labels),
      });
      return { id: inputs.name, outputs: this.outputs(inputs, await this.inspect(inputs.name)) };
    } catch (error) {
      throw failed(`volume ${inputs.name} could not be created`, error);
    }
  }

  /** Nothing of a volume can be updated in place; one that was found again after a crash is as it shall be. */
  async update(_context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties> {
    return this.outputs(newInputs, await this.inspect(old.id));
  }

  async delete(context: CallContext, { id }: StoredState): Promise<void> {
    const volume = this.daemon.docker.getVolume(id);
    try {
      await retryWhile(
        () => volume.remove({ force: true }),
        (error) => reasonOf(error).includes("volume is in use"),
        { timeoutMs: LEAVING_MS, signal: context.signal },
      );
    } catch (error) {
      if (isMissing(error)) return;
      const holders = await this.daemon.docker.listContainers({ all: true, filters: { volume: [id] } });
      const names = holders.map(({ Names }) => Names[0].replace(/^\//, ""));
      const who = names.length ? ` (still used by ${names.join(", ")})` : "";
      throw failed(`volume ${id} could not be deleted${who}`, error);
    }
  }

  async read(id: string, inputs: Properties, outputs: Properties): Promise<StoredState | undefined> {
    const live = await unlessMissing(this.inspect(id));
    if (!live) return undefined;
    return {
      id,
      inputs: { name: live.Name, ...inputs },
      outputs: { ...outputs, ...this.outputs(inputs, live) },
    };
  }

  async recover(_context: CallContext, inputs: Properties, since: Date): Promise<ResourceState | undefined> {
    const live = await unlessMissing(this.inspect(inputs.name));
    if (!live || !madeSince(live.CreatedAt, since)) return undefined;
    return { id: live.Name, outputs: this.outputs(inputs, live) };
  }

  private inspect(name: string): Promise<LiveVolume> {
    return this.daemon.docker.getVolume(name).inspect();
  }

  private outputs(inputs: Properties, live: LiveVolume): Properties {
    return {
      ...asOutputs(this.schema, inputs),
      id: live.Name,
      name: live.Name,
      driver: live.Driver,
      driverOpts: live.Options ?? null,
      labels: Object.entries(live.Labels ?? {}).map(([label, value]) => ({ label, value })),
      mountpoint: live.Mountpoint,
      __meta: '{"schema_version":"1"}',
    };
  }
}
