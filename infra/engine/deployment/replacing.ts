/**
 * Reasons to make a resource anew that are none of its properties.
 */
import type { Provider } from "../provider";
import { providerUrn, type ResourceRecord } from "../state/records";
import { equal, hasUnknown, plain } from "../wire/values";
import type { DeploymentContext } from "./context";

/** Whether the user asks for a new one, in this run or by `pulumi state taint`. */
export function isReplaceAsked({ selection }: DeploymentContext, old: ResourceRecord): boolean {
  return old.taint === true || selection.replaces(old.urn);
}

/** What asks for a new resource, as a key for the difference; undefined when nothing does. */
export async function reasonToReplace(
  context: DeploymentContext,
  old: ResourceRecord,
  next: ResourceRecord,
  provider: Provider | undefined,
): Promise<string | undefined> {
  if (isTriggered(old.replacementTrigger, next.replacementTrigger)) return "replacementTrigger";
  if (isReplaceAsked(context, old)) return "id";
  const isReplaced = (urn: string) => context.state.replaced.has(urn);
  if (next.replaceWith?.some(isReplaced)) return "replaceWith";
  if (next.deletedWith && isReplaced(next.deletedWith)) return "deletedWith";
  if (await needsNewForProvider(context, old, next, provider)) return "provider";
  return undefined;
}

/** Absent is no trigger; what is not known yet counts as changed. */
function isTriggered(old: unknown, next: unknown): boolean {
  if (hasUnknown(old) || hasUnknown(next)) return true;
  if (old === undefined || old === null || next === undefined || next === null) return false;
  return !equal(plain(old), plain(next));
}

/** Whether it moves to a provider whose configuration differs so that it cannot be the same any more. */
async function needsNewForProvider(
  { state }: DeploymentContext,
  old: ResourceRecord,
  next: ResourceRecord,
  provider: Provider | undefined,
): Promise<boolean> {
  if (old.provider === next.provider || !old.provider || !next.provider) return false;
  const before = state.provider(old.provider);
  const after = state.registered.get(providerUrn(next.provider));
  if (!before || !after || !provider?.diffConfiguration) return false;
  const diff = await provider.diffConfiguration(plain(before.inputs), plain(after.inputs));
  return (diff?.replaceKeys.length ?? 0) > 0;
}
