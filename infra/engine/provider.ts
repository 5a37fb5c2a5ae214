/**
 * The one interface that every provider of the embedded engine has, shaped on Pulumi's `ResourceProvider`.
 *
 * Values are plain JSON in Pulumi's property names: the engine takes secret marks off before a call and puts
 * them back on what comes out. An input that is not known yet (preview only) is the string {@link UNKNOWN}.
 */

import type { CallResponse, ConstructResponse } from "@pulumi/pulumi/proto/provider_pb";
import type { RegisterResourceRequest, ResourceCallRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { ChangeKind } from "./events";

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

/** By path, of what kind a difference is, and whether it shows in the inputs or in the outputs. */
export type DetailedDiff = Record<string, { kind: ChangeKind; ofInputs: boolean }>;

export interface DiffResult {
  changed: boolean;
  /** Top-level properties that differ. */
  changedKeys: string[];
  /** Those of them that ask for a new resource. */
  replaceKeys: string[];
  deleteBeforeReplace: boolean;
  /** Outputs that an update leaves as they are. */
  stables: string[];
  /** The differences one by one, if the provider tells them better than a comparison of the inputs. */
  detailed?: DetailedDiff;
}

export interface ResourceState {
  id: string;
  outputs: Properties;
}

/** What an interrupted create has made. */
export interface RecoveredState extends ResourceState {
  /** It cannot be brought to its end: it is to be deleted before it is made anew. */
  unfinished?: boolean;
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
  /** Paths whose changes the program wants ignored; `newInputs` have the old values there already. */
  ignoreChanges?: readonly string[];
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
  recover?(context: CallContext, inputs: Properties, since: Date): Promise<RecoveredState | undefined>;
  /** Output properties that are secret whatever the inputs were, e.g. a generated password. */
  secretOutputs?(type: string): string[];
  /** In a preview: what a create would answer, as far as it is known. Left out: the inputs. */
  foreseeCreate?(context: CallContext, inputs: Properties): Promise<Properties | undefined>;
  /** In a preview: what an update would answer, as far as it is known. Left out: the inputs and the stable outputs. */
  foreseeUpdate?(
    context: CallContext,
    old: ResourceState & { inputs: Properties },
    newInputs: Properties,
  ): Promise<Properties | undefined>;
  /** Makes a component by code of the provider's own, which registers its parts with the engine below `parent`. */
  construct?(registration: RegisterResourceRequest, parent: string): Promise<ConstructResponse>;
  /** Calls a method of such a component. */
  call?(request: ResourceCallRequest): Promise<CallResponse>;
  /** What a change of the provider's own configuration asks for, if it can tell. */
  diffConfiguration?(old: Properties, next: Properties): Promise<DiffResult | undefined>;
  /** The provider's configuration as it is to be stored, if that is more than what the program said. */
  readonly configuration?: Properties;
  /** The user wants the run to end: calls under way shall end soon. */
  cancel?(): Promise<void>;
  /** The run is over. */
  close?(): void;
}

/** Which run it is. */
export interface RunDescription {
  project: string;
  stack: string;
  preview: boolean;
  parallel: number;
  /** By full key. */
  configuration: Record<string, { value: string; secret: boolean }>;
}

/** What the engine offers its providers. */
export interface ProviderHost {
  /** Folder of Pulumi.yaml. */
  directory: string;
  run: RunDescription;
  /** Added to the environment of the program, and of whatever else the run starts. */
  environment: Record<string, string>;
  /** The provider resource. */
  identity: { urn: string; id: string; name: string; type: string };
  /** Where Pulumi's Engine and ResourceMonitor are served, for providers in processes of their own. */
  address(): Promise<string>;
  /** Takes each line that such a process prints. */
  onLine(line: string): void;
  /** The outputs of a stack of the same backend, secrets marked; `stack` or `organization/project/stack`. */
  readStack(reference: string): Promise<Properties>;
}

/** Makes a provider from the configuration in its provider resource. */
export type ProviderFactory = (configuration: Properties, host: ProviderHost) => Provider | Promise<Provider>;

/** A create that made something and then failed: the engine records it, so that the next run can replace it. */
export class PartialCreateError extends Error {
  constructor(
    message: string,
    readonly state: ResourceState,
    /** What is wrong with it; the message, if the provider does not say it apart. */
    readonly reasons: readonly string[] = [message],
  ) {
    super(message);
  }
}
