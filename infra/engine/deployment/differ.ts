/**
 * Whether a resource has to change, and whether that takes a new one.
 */
import type { PropertyChange } from "../events";
import type { DiffResult, Properties, Provider } from "../provider";
import type { ResourceRecord } from "../state/records";
import { changedAt } from "../wire/paths";
import { changedKeys, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { detailedChanges, propertyChanges } from "./property-changes";
import { reasonToReplace } from "./replacing";

/** Pulumi's name, in `replaceOnChanges`, for "it was created and is not as asked". */
const INITIALIZATION_ERROR = "#initerror";

/** A provider's answer, with what the program and the user add to it. */
export interface Difference extends DiffResult {
  /** Whether it takes a new resource; the user can ask for that without any change. */
  replace: boolean;
  changes: PropertyChange[];
}

/** What differs between a resource and what the program wants of it, and whether that takes a new one. */
export async function diffResource(
  context: DeploymentContext,
  old: ResourceRecord,
  next: ResourceRecord,
  provider: Provider | undefined,
): Promise<Difference> {
  const reason = await reasonToReplace(context, old, next, provider);
  if (reason !== undefined) {
    const changes = propertyChanges(old.inputs, next.inputs);
    return { ...UNCHANGED, changed: true, replace: true, replaceKeys: [reason], changes };
  }
  return diffInputs(context, old, next.inputs, provider, next.replaceOnChanges);
}

/** What differs in the inputs. */
export async function diffInputs(
  context: DeploymentContext,
  old: ResourceRecord,
  inputs: Properties,
  provider: Provider | undefined,
  replaceOnChanges: readonly string[] = [],
): Promise<Difference> {
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
  const replace = replaceKeys.length > 0;
  const changed = diff.changed || replace;
  // Nobody asks for those of what stays as it is, which is most of a stack.
  const changes = changed || old.initErrors?.length ? changesOf(old, inputs, diff, replaceKeys) : [];
  return { ...diff, replace, replaceKeys, changed, changes };
}

function changesOf(
  old: ResourceRecord,
  inputs: Properties,
  { detailed, changedKeys }: DiffResult,
  replaceKeys: readonly string[],
): PropertyChange[] {
  return detailed
    ? detailedChanges(detailed, old, inputs, replaceKeys)
    : propertyChanges(old.inputs, inputs, { changedKeys, replaceKeys });
}

const UNCHANGED: DiffResult = {
  changed: false,
  changedKeys: [],
  replaceKeys: [],
  deleteBeforeReplace: false,
  stables: [],
};

/** In a preview, while the provider's own configuration is not known. */
function diffByInputs(old: ResourceRecord, inputs: Properties): DiffResult {
  const keys = changedKeys(old.inputs, inputs);
  return { ...UNCHANGED, changed: keys.length > 0, changedKeys: keys };
}
