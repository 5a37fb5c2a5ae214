/**
 * What the last run was in the middle of when it was killed.
 */
import type { ResourceRecord } from "../state/records";
import { plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { withSecrets } from "./secrets";

/**
 * Adopts what interrupted creates have made, so that nothing is lost and nothing is made twice. An adopted
 * resource counts as not fully initialised: its provider gets an update to finish it.
 */
export async function recoverInterrupted(context: DeploymentContext): Promise<void> {
  const { state, providers, reporter } = context;
  if (state.pendingOperations().length === 0) return;
  for (const operation of state.pendingOperations()) {
    const { resource } = operation;
    if (operation.type === "creating" && resource.custom) {
      const provider = await providers.get(resource.provider!);
      if (!provider?.recover) {
        reporter.diagnostic(
          "warning",
          "An earlier run was cut off while it made this, and its provider cannot say whether it exists. If it does, delete it by hand; refresh clears this warning.",
          resource.urn,
        );
        continue;
      }
      const since = new Date(resource.created ?? 0);
      const found = await provider.recover(callContext(context, resource), plain(resource.inputs), since);
      if (found) {
        const adopted: ResourceRecord = {
          ...resource,
          id: found.id,
          outputs: withSecrets(found.outputs, resource, provider),
          initErrors: ["The run that created it was cut off."],
        };
        // Its predecessor is live still when a replacement was cut off: then the half-made one goes.
        if (state.previous(resource.urn)) adopted.delete = true;
        state.adopt(adopted);
        reporter.diagnostic(
          "info",
          `Found again after an earlier run was cut off: ${found.id}`,
          resource.urn,
        );
      }
    }
    state.dropPending(operation);
  }
  await state.save();
}
