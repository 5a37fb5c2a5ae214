/** docker:index/network:Network */
import type Docker from "dockerode";
import type { CallContext, Properties, ResourceState } from "../../provider";
import { failed, isMissing, reasonOf, unlessMissing } from "./errors";
import { DockerResource, type StoredState } from "./resource";
import { asOutputs, flag, labelMap, labelSet, map, object, set, text } from "./schema";
import { madeSince, retryWhile } from "./waiting";

const replaces = { replaces: true };

/** Containers that were just deleted leave a network a moment later. */
const LEAVING_MS = 30_000;

export class NetworkResource extends DockerResource {
  protected readonly schema = {
    name: text({ ...replaces, required: true }),
    attachable: flag(replaces),
    driver: text(replaces),
    ingress: flag(replaces),
    internal: flag(replaces),
    ipamConfigs: set(
      object({ subnet: text(), ipRange: text(), gateway: text(), auxAddress: map() }),
      replaces,
    ),
    ipamDriver: text({ ...replaces, fallback: "default" }),
    ipamOptions: map(replaces),
    ipv6: flag(replaces),
    labels: labelSet(),
    options: map(replaces),
  };

  async create(_context: CallContext, inputs: Properties): Promise<ResourceState> {
    try {
      const { id } = await this.daemon.docker.createNetwork({
        Name: inputs.name,
        CheckDuplicate: true,
        Driver: inputs.driver ?? "bridge",
        Internal: inputs.internal,
        Attachable: inputs.attachable,
        Ingress: inputs.ingress,
        EnableIPv6: inputs.ipv6,
        Options: inputs.options,
        Labels: labelMap(inputs.labels),
        IPAM: {
          Driver: inputs.ipamDriver,
          Options: inputs.ipamOptions,
          Config: inputs.ipamConfigs?.map((config: Properties) =>
            definedOnly({
              Subnet: config.subnet,
              IPRange: config.ipRange,
              Gateway: config.gateway,
              AuxiliaryAddresses: config.auxAddress,
            }),
          ),
        },
      });
      return { id, outputs: this.outputs(inputs, await this.daemon.docker.getNetwork(id).inspect()) };
    } catch (error) {
      throw failed(`network ${inputs.name} could not be created`, error);
    }
  }

  /** Nothing of a network can be updated in place; one that was found again after a crash is as it shall be. */
  async update(_context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties> {
    return this.outputs(newInputs, await this.daemon.docker.getNetwork(old.id).inspect());
  }

  async delete(context: CallContext, { id, outputs }: StoredState): Promise<void> {
    const network = this.daemon.docker.getNetwork(id);
    try {
      await retryWhile(
        () => network.remove(),
        (error) => reasonOf(error).includes("has active endpoints"),
        { timeoutMs: LEAVING_MS, signal: context.signal },
      );
    } catch (error) {
      if (isMissing(error)) return;
      const holders = (await unlessMissing(network.inspect()).catch(() => undefined))?.Containers ?? {};
      const names = Object.values(holders as Record<string, { Name: string }>).map(({ Name }) => Name);
      const who = names.length ? ` (still used by ${names.join(", ")})` : "";
      throw failed(`network ${outputs.name} could not be deleted${who}`, error);
    }
  }

  async read(id: string, inputs: Properties, outputs: Properties): Promise<StoredState | undefined> {
    const live = await unlessMissing(this.daemon.docker.getNetwork(id).inspect());
    if (!live) return undefined;
    return {
      id: live.Id,
      inputs: { name: live.Name, ...inputs },
      outputs: { ...outputs, ...this.outputs(inputs, live) },
    };
  }

  async recover(_context: CallContext, inputs: Properties, since: Date): Promise<ResourceState | undefined> {
    const live = await unlessMissing(this.daemon.docker.getNetwork(inputs.name).inspect());
    return live && madeSince(live.Created, since)
      ? { id: live.Id, outputs: this.outputs(inputs, live) }
      : undefined;
  }

  private outputs(inputs: Properties, live: Docker.NetworkInspectInfo): Properties {
    return {
      ...asOutputs(this.schema, inputs),
      id: live.Id,
      name: live.Name,
      attachable: live.Attachable,
      driver: live.Driver,
      ingress: live.Ingress,
      internal: live.Internal,
      ipamConfigs: ipamConfigs(live),
      ipamDriver: live.IPAM?.Driver,
      ipamOptions: live.IPAM?.Options ?? null,
      ipv6: live.EnableIPv6,
      labels: Object.entries(live.Labels ?? {}).map(([label, value]) => ({ label, value })),
      options: live.Options ?? {},
      scope: live.Scope,
      __meta: '{"schema_version":"1"}',
    };
  }
}

/** The address ranges of a network as the docker package shows them. */
export const ipamConfigs = (live: Docker.NetworkInspectInfo): Properties[] =>
  (live.IPAM?.Config ?? []).map((config) => ({
    auxAddress: config.AuxiliaryAddresses ?? {},
    gateway: config.Gateway ?? "",
    ipRange: config.IPRange ?? "",
    subnet: config.Subnet ?? "",
  }));

const definedOnly = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== "")) as T;
