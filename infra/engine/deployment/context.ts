/**
 * What all parts of a run share.
 */
import type { CallContext } from "../provider";
import type { ProviderRegistry } from "../providers/registry";
import type { CustomTimeouts, ResourceRecord } from "../state/records";
import type { Limiter } from "./limiter";
import type { Reporter } from "./reporter";
import type { Selection } from "./selection";
import type { StackState } from "./stack-state";
import { urnName } from "./urn";

export interface DeploymentContext {
  project: string;
  stack: string;
  preview: boolean;
  /** Folder of Pulumi.yaml. */
  directory: string;
  state: StackState;
  providers: ProviderRegistry;
  reporter: Reporter;
  limiter: Limiter;
  selection: Selection;
  /** Aborted by the user. */
  signal: AbortSignal;
  /** Whether a resource that is to be deleted stays where it is, and only leaves the state. */
  retain(resource: ResourceRecord): boolean;
}

/** What a provider gets beside the values, for one call. */
export function callContext(
  context: DeploymentContext,
  {
    urn,
    type,
    customTimeouts,
    ignoreChanges,
  }: Pick<ResourceRecord, "urn" | "type" | "customTimeouts" | "ignoreChanges">,
  timeout?: keyof CustomTimeouts,
): CallContext {
  const seconds = timeout && customTimeouts?.[timeout];
  const signals = [context.signal, ...(seconds ? [AbortSignal.timeout(seconds * 1000)] : [])];
  return {
    urn,
    type,
    name: urnName(urn),
    signal: signals.length === 1 ? signals[0] : AbortSignal.any(signals),
    timeoutSeconds: seconds,
    ignoreChanges,
    progress: (message) => context.reporter.progress(urn, message),
  };
}
