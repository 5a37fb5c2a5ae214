/**
 * The one interface that every provider of the embedded engine has, shaped on Pulumi's `ResourceProvider`.
 *
 * Values are plain JSON in Pulumi's property names: the engine takes secret marks off before a call and puts
 * them back on what comes out. An input that is not known yet (preview only) is the string {@link UNKNOWN}.
 */

/** What stands in a preview for a value that is known only after a create. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// biome-ignore lint/suspicious/noExplicitAny: property values are open JSON, as in Pulumi's protocol
export type Properties = Record<string, any>;

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckResult {
  /** The inputs to store and to pass on, with the provider's defaults filled in. */
  inputs: Properties;
  failures: CheckFailure[];
}

export interface DiffResult {
  changed: boolean;
  /** Top-level properties that differ. */
  changedKeys: string[];
  /** Those of them that ask for a new resource. */
  replaceKeys: string[];
  deleteBeforeReplace: boolean;
  /** Outputs that an update leaves as they are. */
  stables: string[];
}

export interface ResourceState {
  id: string;
  outputs: Properties;
}

/** What one call is about, and how it ends early. */
export interface CallContext {
  urn: string;
  type: string;
  /** Last part of the URN. */
  name: string;
  /** Aborted by Ctrl-C, or by the resource's custom timeout. */
  signal: AbortSignal;
  /** The resource's custom timeout, by which `signal` ends the call; a default of the provider's own is void then. */
  timeoutSeconds?: number;
  /** Says what goes on during a long call (pulling, building, waiting); shown live, kept nowhere. */
  progress(message: string): void;
}

export interface Provider {
  check(context: CallContext, oldInputs: Properties | undefined, newInputs: Properties): Promise<CheckResult>;
  diff(
    context: CallContext,
    old: ResourceState & { inputs: Properties },
    newInputs: Properties,
  ): Promise<DiffResult>;
  /** Throws {@link PartialCreateError} when something was made that is not as asked. */
  create(context: CallContext, inputs: Properties): Promise<ResourceState>;
  update(
    context: CallContext,
    old: ResourceState & { inputs: Properties },
    newInputs: Properties,
  ): Promise<Properties>;
  delete(context: CallContext, old: ResourceState & { inputs: Properties }): Promise<void>;
  /** The live state, or undefined when the resource is gone. */
  read(
    context: CallContext,
    id: string,
    inputs: Properties,
    outputs: Properties,
  ): Promise<(ResourceState & { inputs: Properties }) | undefined>;
  invoke(token: string, args: Properties): Promise<Properties>;
  /** What a create begun at `since` and cut off by a crash has made, so that it is adopted and not lost. */
  recover?(context: CallContext, inputs: Properties, since: Date): Promise<ResourceState | undefined>;
  /** Output properties that are secret whatever the inputs were, e.g. a generated password. */
  secretOutputs?(type: string): string[];
}

/** Makes a provider from the configuration in its provider resource. */
export type ProviderFactory = (configuration: Properties) => Provider | Promise<Provider>;

/** A create that made something and then failed: the engine records it, so that the next run can replace it. */
export class PartialCreateError extends Error {
  constructor(
    message: string,
    readonly state: ResourceState,
  ) {
    super(message);
  }
}
