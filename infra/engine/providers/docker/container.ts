/** docker:index/container:Container */
import type Docker from "dockerode";
import {
  type CallContext,
  type CheckFailure,
  type DiffResult,
  PartialCreateError,
  type Properties,
  type RecoveredState,
  type ResourceState,
} from "../../provider";
import { createOptions, endpoint, furtherNetworks, modeNetwork, updateOptions } from "./container-config";
import { refuseUploads, uploadFiles } from "./container-files";
import { lastWords } from "./container-logs";
import { containerOutputs, liveInputs } from "./container-outputs";
import { containerSchema, UPDATABLE_KEYS } from "./container-schema";
import { awaitContainer, awaitEnd, startContainer } from "./container-start";
import { failed, isConflict, isMissing, reasonOf, statusOf, unlessMissing } from "./errors";
import { pullImage } from "./pull";
import { DockerResource, type StoredState } from "./resource";
import { failedToComplete } from "./run-to-completion";
import { changedProperties } from "./schema";
import { madeSince, retryWhile } from "./waiting";

/** How long the daemon may take to remove a container after it was told to. */
const REMOVAL_MS = 60_000;
const NOT_MODIFIED = 304;

const isImageId = (image: string): boolean => image.startsWith("sha256:");

export class ContainerResource extends DockerResource {
  protected readonly schema = containerSchema;
  protected override readonly replacementOrder = "delete first";

  protected override refuse(inputs: Properties): CheckFailure[] {
    const failures = refuseUploads(inputs);
    if (inputs.attach === true && inputs.rm === true) {
      failures.push({
        property: "rm",
        reason: "does not go with attach: a container that is gone has no exit code",
      });
    }
    return failures;
  }

  /**
   * One that was to run once and failed runs again, or nothing short of a change of it would try again. The real
   * plugin sees no change there; the command line asks Pulumi's CLI for the replacement.
   */
  override diff(old: StoredState, newInputs: Properties): DiffResult {
    const diff = super.diff(old, newInputs);
    if (!failedToComplete(old)) return diff;
    const replaceKeys = [...diff.replaceKeys, "exitCode"];
    return {
      ...diff,
      changed: true,
      replaceKeys,
      changedKeys: [...diff.changedKeys, "exitCode"],
      deleteBeforeReplace: true,
    };
  }

  async create(context: CallContext, inputs: Properties): Promise<ResourceState> {
    const container = await this.make(context, inputs);
    try {
      await this.connect(container, inputs);
      if (inputs.uploads?.length) await uploadFiles(container, inputs.uploads);
      const logs = inputs.start ? await this.run(context, container, inputs) : undefined;
      return { id: container.id, outputs: containerOutputs(inputs, await container.inspect(), logs) };
    } catch (error) {
      const reason = context.signal.aborted ? "its start was interrupted" : reasonOf(error);
      const message = `container ${inputs.name}: ${reason}${await lastWords(container)}`;
      if (!context.signal.aborted) await this.takeOut(container);
      const live = await unlessMissing(container.inspect()).catch(() => undefined);
      if (!live) throw new Error(message);
      throw new PartialCreateError(message, { id: container.id, outputs: containerOutputs(inputs, live) });
    }
  }

  /** One that failed would share its aliases' requests with the good ones: it stops, its log stays. */
  private async takeOut(container: Docker.Container): Promise<void> {
    await container.stop({ t: 0 }).catch(() => undefined);
  }

  private async make(context: CallContext, inputs: Properties): Promise<Docker.Container> {
    const create = () => this.daemon.docker.createContainer(createOptions(inputs));
    try {
      return await create().catch(async (error) => {
        const pullable =
          isMissing(error) && /No such image/i.test(reasonOf(error)) && !isImageId(inputs.image);
        if (!pullable) throw error;
        await pullImage(this.daemon, context, inputs.image, inputs.platform);
        return create();
      });
    } catch (error) {
      throw failed(`container ${inputs.name} could not be created`, error);
    }
  }

  /** Docker puts a container on its mode's network; networks that are asked for replace the default one. */
  private async connect(container: Docker.Container, inputs: Properties): Promise<void> {
    const networks = furtherNetworks(inputs);
    if (networks.length > 0 && inputs.networkMode === "bridge" && !modeNetwork(inputs)) {
      await this.daemon.docker.getNetwork("bridge").disconnect({ Container: container.id });
    }
    for (const network of networks) {
      try {
        const settings = { Container: container.id, EndpointConfig: endpoint(network) };
        await this.daemon.docker.getNetwork(network.name).connect(settings);
      } catch (error) {
        throw failed(`it could not be connected to network ${network.name}`, error);
      }
    }
  }

  /** The log of an attached container, when it is asked for. */
  private async run(
    context: CallContext,
    container: Docker.Container,
    inputs: Properties,
  ): Promise<string | undefined> {
    await startContainer(this.daemon.docker, container);
    if (!inputs.attach || inputs.wait) await awaitContainer(context, container, inputs);
    return inputs.attach ? awaitEnd(context, container, inputs) : undefined;
  }

  async update(context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties> {
    const container = this.daemon.docker.getContainer(old.id);
    const changed = changedProperties(this.schema, old.inputs, newInputs);
    try {
      if (changed.some((key) => UPDATABLE_KEYS.includes(key)))
        await container.update(updateOptions(newInputs));
      const { State: state } = await container.inspect();
      if (newInputs.mustRun && newInputs.start && !state.Running)
        await this.run(context, container, newInputs);
    } catch (error) {
      const message = `container ${newInputs.name} could not be updated: ${reasonOf(error)}`;
      throw new Error(`${message}${await lastWords(container)}`);
    }
    const { containerLogs } = old.outputs;
    return containerOutputs(newInputs, await container.inspect(), containerLogs ?? undefined);
  }

  async delete(context: CallContext, { id, inputs, outputs }: StoredState): Promise<void> {
    const container = this.daemon.docker.getContainer(id);
    const graceSeconds = inputs.destroyGraceSeconds ?? 0;
    try {
      if (!inputs.attach) {
        if (graceSeconds > 0) context.progress(`stopping, up to ${graceSeconds} s`);
        await container.stop({ t: graceSeconds }).catch((error) => {
          if (statusOf(error) !== NOT_MODIFIED) throw error;
        });
      }
      await container.remove({ force: true, v: inputs.removeVolumes !== false }).catch((error) => {
        // Docker removes it itself, by `rm` or because somebody else has asked.
        if (!isConflict(error) || !reasonOf(error).includes("already in progress")) throw error;
      });
      const removed = () => container.inspect().then(() => Promise.reject(new Error("it is still there")));
      const patience = { timeoutMs: REMOVAL_MS, signal: context.signal };
      await retryWhile(removed, (error) => !isMissing(error), patience);
    } catch (error) {
      if (!isMissing(error)) throw failed(`container ${outputs.name} could not be deleted`, error);
    }
  }

  async read(id: string, inputs: Properties, outputs: Properties): Promise<StoredState | undefined> {
    const live = await unlessMissing(this.daemon.docker.getContainer(id).inspect());
    if (!live) return undefined;
    const seen = containerOutputs(inputs, live, outputs.containerLogs ?? undefined);
    return { id: live.Id, inputs: liveInputs(inputs, seen), outputs: seen };
  }

  /** A container whose making was cut off before its start may lack files. */
  async recover(context: CallContext, inputs: Properties, since: Date): Promise<RecoveredState | undefined> {
    const container = this.daemon.docker.getContainer(inputs.name);
    const live = await unlessMissing(container.inspect());
    if (!live || !madeSince(live.Created, since)) return undefined;
    if (live.State.Running && !inputs.attach) {
      const ready = await awaitContainer(context, container, inputs).then(
        () => true,
        () => false,
      );
      if (ready) return { id: live.Id, outputs: containerOutputs(inputs, await container.inspect()) };
    }
    return { id: live.Id, outputs: containerOutputs(inputs, live), unfinished: true };
  }
}
