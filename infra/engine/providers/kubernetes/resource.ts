/** An object of any kind as a resource: named, made, brought up to date, read and deleted. */
import {
  type CallContext,
  type CheckResult,
  type DiffResult,
  PartialCreateError,
  type Properties,
  type ResourceState,
} from "../../provider";
import { isObject } from "../../wire/values";
import { deleteAndAwait } from "./await/deleted";
import { awaitReady, NotReady } from "./await/ready";
import { MANAGER_PREFIX, newFieldManager, outputsOf, readCheckpoint } from "./checkpoint";
import { type Cluster, UnknownKind } from "./cluster";
import { Differ } from "./differ";
import { isMissing } from "./errors";
import { isHeldByPlugin, ownManager, withPluginsFields } from "./managed-fields";
import { named } from "./naming";
import { normalize } from "./normalize";
import { annotation, describe, type Identity, idOf, parseId, toPulumi } from "./objects";
import { prune } from "./prune";
import { retryWhile } from "./retry";
import type { Settings } from "./settings";
import type { ObjectType } from "./types";

export type StoredState = ResourceState & { inputs: Properties };

/** Clocks differ a little, and the server's times are in whole seconds. */
const CLOCK_TOLERANCE_MS = 5000;

export class ObjectResource {
  private readonly differ: Differ;

  constructor(
    protected readonly cluster: Cluster,
    protected readonly type: ObjectType,
    protected readonly settings: Settings,
  ) {
    this.differ = new Differ(cluster, type, settings);
  }

  async check(
    { name }: CallContext,
    oldInputs: Properties | undefined,
    newInputs: Properties,
  ): Promise<CheckResult> {
    const { apiVersion, kind } = this.type;
    const given = { apiVersion, kind, ...newInputs, metadata: newInputs.metadata ?? {} };
    if (isObject(given.metadata) && given.metadata.generateName && !given.metadata.name) {
      const reason = "cannot be applied: leave it out for a generated name, or set metadata.name";
      return { inputs: given, failures: [{ property: "metadata.generateName", reason }] };
    }
    const inputs = named(given, name, oldInputs);
    const served = await this.cluster.discovery.find(inputs.apiVersion, inputs.kind);
    const isNamespaced = served?.namespaced ?? true; // a kind that is yet to come mostly is
    if (isNamespaced && isObject(inputs.metadata) && !inputs.metadata.namespace) {
      inputs.metadata = { ...inputs.metadata, namespace: this.cluster.access.namespace };
    }
    return { inputs, failures: [] };
  }

  async diff(context: CallContext, old: StoredState, newInputs: Properties): Promise<DiffResult> {
    return this.differ.diff(context, readCheckpoint(old.outputs, old.inputs), newInputs);
  }

  async create(context: CallContext, inputs: Properties): Promise<ResourceState> {
    const fieldManager = newFieldManager(inputs);
    const { identity, object } = await this.target(inputs);
    const live = await retryWhile(
      async () => {
        await this.beforeCreate(identity, inputs, context.signal);
        return this.apply(context, identity, object, inputs, fieldManager);
      },
      // Its namespace or its kind may be on their way.
      (error) => isMissing(error) || error instanceof UnknownKind,
      { signal: context.signal, onRetry: ({ message }) => context.progress(`tries again: ${message}`) },
    );
    const state = (seen: Properties): ResourceState => ({
      id: idOf(seen),
      outputs: outputsOf({ live: seen, inputs, fieldManager, initialApiVersion: object.apiVersion }),
    });
    try {
      return state(await awaitReady(this.cluster, context, identity, inputs, live));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new PartialCreateError(message, state(error instanceof NotReady ? error.live : live));
    }
  }

  async update(context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties> {
    const checkpoint = readCheckpoint(old.outputs, old.inputs);
    const { identity, object } = await this.target(newInputs);
    const fieldManager = annotation(newInputs, "pulumi.com/patchFieldManager") ?? checkpoint.fieldManager;
    const before = await this.cluster.get(identity, context.signal);
    if (before && !this.type.isPatch && isHeldByPlugin(before)) {
      const record = withPluginsFields(before, fieldManager);
      await this.cluster.handOver(identity, before, record, context.signal);
    }
    const applied = await this.apply(context, identity, object, newInputs, fieldManager);
    if (before && fieldManager !== checkpoint.fieldManager) {
      await this.relinquish(context, identity, checkpoint.fieldManager);
    }
    const live = await awaitReady(this.cluster, context, identity, newInputs, applied);
    const { initialApiVersion } = checkpoint;
    return outputsOf({ live, inputs: newInputs, fieldManager, initialApiVersion });
  }

  async delete(context: CallContext, old: StoredState): Promise<void> {
    const { live, inputs } = readCheckpoint(old.outputs, old.inputs);
    await deleteAndAwait(this.cluster, context, this.identify(live, old.id), inputs);
  }

  async read(
    { signal }: CallContext,
    id: string,
    inputs: Properties,
    outputs: Properties,
  ): Promise<StoredState | undefined> {
    const known = outputs.__inputs !== undefined;
    const checkpoint = readCheckpoint(outputs, inputs);
    const live = await this.cluster.get(this.identify(known ? checkpoint.live : inputs, id), signal);
    if (!live) return undefined;
    const liveInputs = known ? prune(live, normalize(inputs)) : normalize(live);
    const { fieldManager } = checkpoint;
    const initialApiVersion = checkpoint.initialApiVersion ?? live.apiVersion;
    return {
      id,
      inputs: toPulumi(liveInputs),
      outputs: outputsOf({ live, inputs: liveInputs, fieldManager, initialApiVersion }),
    };
  }

  /** An object that was made since then by a field manager of this engine. */
  async recover(
    { signal }: CallContext,
    inputs: Properties,
    since: Date,
  ): Promise<ResourceState | undefined> {
    const { identity, object } = await this.target(inputs);
    const live = await this.cluster.get(identity, signal);
    const fieldManager = live && ownManager(live, MANAGER_PREFIX);
    if (!live || !fieldManager) return undefined;
    if (Date.parse(live.metadata.creationTimestamp) < since.getTime() - CLOCK_TOLERANCE_MS) return undefined;
    const { apiVersion: initialApiVersion } = object;
    return { id: idOf(live), outputs: outputsOf({ live, inputs, fieldManager, initialApiVersion }) };
  }

  /** Server-side apply would take an object over that others have made. */
  protected async beforeCreate(identity: Identity, inputs: Properties, signal: AbortSignal): Promise<void> {
    if (this.settings.upsert || !(await this.cluster.get(identity, signal))) return;
    const { kind } = identity;
    const name = inputs.metadata.name;
    throw new Error(
      `${describe(identity)} exists already, and this stack has not made it. Delete it, give this one another name than "${name}", or change parts of it with a ${kind}Patch.`,
    );
  }

  protected identify(object: Properties, id: string): Identity {
    const { apiVersion = this.type.apiVersion, kind = this.type.kind } = object;
    return { apiVersion, kind, ...parseId(id) };
  }

  protected async relinquish(context: CallContext, identity: Identity, fieldManager: string): Promise<void> {
    const { apiVersion, kind, ...metadata } = identity;
    const nothing = { apiVersion, kind, metadata };
    await this.cluster.apply(identity, nothing, { fieldManager, force: false, signal: context.signal });
  }

  private apply(
    { signal }: CallContext,
    identity: Identity,
    object: Properties,
    inputs: Properties,
    fieldManager: string,
  ): Promise<Properties> {
    const force = this.settings.patchForce || annotation(inputs, "pulumi.com/patchForce") === "true";
    return this.cluster.apply(identity, object, { fieldManager, force, signal });
  }

  /** The object to apply, with the namespace that its kind can have. */
  private async target(inputs: Properties): Promise<{ identity: Identity; object: Properties }> {
    const object = normalize(inputs);
    const { apiVersion, kind } = object;
    const { namespace = this.cluster.access.namespace, ...metadata } = object.metadata;
    const served = await this.cluster.discovery.find(apiVersion, kind);
    if (served && !served.namespaced) {
      return { identity: { apiVersion, kind, name: metadata.name }, object: { ...object, metadata } };
    }
    const identity = { apiVersion, kind, namespace, name: metadata.name };
    return { identity, object: { ...object, metadata: { ...metadata, namespace } } };
  }
}
