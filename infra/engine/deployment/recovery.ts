/**
 * What the last run was in the middle of when it was killed.
 */
import type { Provider } from "../provider";
import { isProviderType, type PendingOperation, type ResourceRecord } from "../state/records";
import { plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { readLive } from "./refresh";
import { withSecrets } from "./secrets";

/**
 * Looks at what each operation that was cut off has come to, so that nothing is lost and nothing is made twice. What
 * was made is adopted, what is gone leaves the state. A resource that may be half done counts as not fully initialised:
 * its provider gets an update to finish it.
 */
export async function recoverInterrupted(context: DeploymentContext): Promise<void> {
  const { state, providers } = context;
  if (state.pendingOperations().length === 0) return;
  for (const operation of state.pendingOperations()) {
    const { type, resource } = operation;
    if (resource.custom && !isProviderType(resource.type)) {
      const provider = await providers.get(resource.provider!);
      if (type === "creating" && provider?.recover) await adopt(context, resource, provider);
      else if (type === "creating") {
        warnOfUnknown(context, operation);
        continue; // until a refresh
      } else if (provider) await lookAfter(context, operation, provider);
    }
    state.dropPending(operation);
  }
  await state.save();
}

/** Takes what an interrupted create has made. */
async function adopt(
  context: DeploymentContext,
  resource: ResourceRecord,
  provider: Provider,
): Promise<void> {
  const { state, reporter, preview } = context;
  const call = callContext(context, resource);
  const inputs = plain(resource.inputs);
  const found = await provider.recover!(call, inputs, new Date(resource.created ?? 0));
  // The name of what was deleted to make room for it may be its id, too.
  const isKnown = ({ type, id, pendingReplacement }: ResourceRecord) =>
    type === resource.type && id === found?.id && !pendingReplacement;
  if (!found || state.before().some(isKnown)) return;
  if (found.unfinished) {
    const message = `An earlier run was cut off while it made ${found.id}: what there is of it goes, and it is made anew.`;
    reporter.diagnostic("info", message, resource.urn);
    if (!preview) await provider.delete(call, { id: found.id, inputs, outputs: found.outputs });
    return;
  }
  const adopted: ResourceRecord = {
    ...resource,
    id: found.id,
    outputs: withSecrets(found.outputs, resource, provider),
    initErrors: ["The run that created it was cut off."],
  };
  // It replaces what was there: that is deleted already and leaves its place, or goes at the end of the run.
  const previous = state.previous(resource.urn);
  if (previous && !previous.pendingReplacement) previous.delete = true;
  state.adopt(adopted, previous?.pendingReplacement ? previous : undefined);
  reporter.diagnostic("info", `Found again after an earlier run was cut off: ${found.id}`, resource.urn);
}

/** Brings the state in line with what an interrupted update or delete has come to. */
async function lookAfter(
  context: DeploymentContext,
  { type, resource: { urn, id } }: PendingOperation,
  provider: Provider,
): Promise<void> {
  const { state, reporter } = context;
  const resource = state.before().find((old) => old.urn === urn && old.id === id);
  if (!resource || resource.external) return;
  try {
    if (!(await readLive(context, resource, provider))) state.drop(resource);
    else if (type === "updating") resource.initErrors = ["The run that updated it was cut off."];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reporter.diagnostic(
      "warning",
      `An earlier run was cut off while it was ${type} this, and what came of that cannot be told: ${reason}`,
      urn,
    );
  }
}

function warnOfUnknown({ reporter }: DeploymentContext, { resource }: PendingOperation): void {
  reporter.diagnostic(
    "warning",
    "An earlier run was cut off while it made this, and its provider cannot say whether it exists. If it does, delete it by hand, or take it over by `import`; refresh clears this warning.",
    resource.urn,
  );
}
