/**
 * Whether a resource has to change, and whether that takes a new one.
 */
import type { DiffResult, Properties } from "../provider";
import type { ResourceRecord } from "../state/records";
import { changedAt } from "../wire/paths";
import { changedKeys, equal, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";

/** Pulumi's name, in `replaceOnChanges`, for "it was created and is not as asked". */
const INITIALIZATION_ERROR = "#initerror";

/** The provider's answer, with what the program's `replaceOnChanges` adds to it. */
export async function diffResource(
  context: DeploymentContext,
  old: ResourceRecord,
  inputs: Properties,
  replaceOnChanges: readonly string[] = [],
): Promise<DiffResult> {
  const provider = await context.providers.get(old.provider!);
  const diff = provider
    ? await provider.diff(
        callContext(context, old),
        { id: old.id!, inputs: plain(old.inputs), outputs: plain(old.outputs) },
        plain(inputs),
      )
    : diffByInputs(old, inputs);
  const forced = replaceOnChanges.filter((path) =>
    path === INITIALIZATION_ERROR
      ? old.initErrors?.length
      : diff.changed && (diff.changedKeys.includes(path) || changedAt(old.inputs, inputs, path)),
  );
  const tainted = old.taint ? ["taint"] : [];
  const replaceKeys = [...new Set([...diff.replaceKeys, ...forced, ...tainted])];
  return { ...diff, replaceKeys, changed: diff.changed || replaceKeys.length > 0 };
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
