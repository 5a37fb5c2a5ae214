/**
 * Whether a resource has to change, and whether that takes a new one.
 */
import type { PropertyChange } from "../events";
import type { DiffResult, Properties } from "../provider";
import type { ResourceRecord } from "../state/records";
import { changedAt } from "../wire/paths";
import { changedKeys, equal, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { detailedChanges, propertyChanges } from "./property-changes";

/** Pulumi's name, in `replaceOnChanges`, for "it was created and is not as asked". */
const INITIALIZATION_ERROR = "#initerror";

/** A provider's answer, with what the program and the user add to it. */
export interface Difference extends DiffResult {
  /** Whether it takes a new resource; the user can ask for that without any change. */
  replace: boolean;
  changes: PropertyChange[];
}

export async function diffResource(
  context: DeploymentContext,
  old: ResourceRecord,
  inputs: Properties,
  replaceOnChanges: readonly string[] = [],
): Promise<Difference> {
  const provider = await context.providers.get(old.provider!);
  const diff = provider
    ? await provider.diff(
        callContext(context, old),
        { id: old.id!, inputs: plain(old.inputs), outputs: plain(old.outputs) },
        plain(inputs),
      )
    : diffByInputs(old, inputs);
  const byProgram = replaceOnChanges.filter((path) =>
    path === INITIALIZATION_ERROR
      ? old.initErrors?.length
      : diff.changed && (diff.changedKeys.includes(path) || changedAt(old.inputs, inputs, path)),
  );
  const replaceKeys = [...new Set([...diff.replaceKeys, ...byProgram])];
  const replace = replaceKeys.length > 0 || isReplaceAsked(context, old);
  const changes = diff.detailed
    ? detailedChanges(diff.detailed, old, inputs, replaceKeys)
    : propertyChanges(old.inputs, inputs, { changedKeys: diff.changedKeys, replaceKeys });
  return { ...diff, replace, replaceKeys, changed: diff.changed || replace, changes };
}

/** Whether the user asks for a new one, in this run or by `pulumi state taint`. */
export function isReplaceAsked({ selection }: DeploymentContext, old: ResourceRecord): boolean {
  return old.taint === true || selection.replaces(old.urn);
}

/** In a preview, while the provider's own configuration is not known. */
function diffByInputs(old: ResourceRecord, inputs: Properties): DiffResult {
  return {
    changed: !equal(plain(old.inputs), plain(inputs)),
    changedKeys: changedKeys(old.inputs, inputs),
    replaceKeys: [],
    deleteBeforeReplace: false,
    stables: [],
  };
}
