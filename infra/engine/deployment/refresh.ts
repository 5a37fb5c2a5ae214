/**
 * Brings the state in line with what really is there.
 */
import type { Provider } from "../provider";
import { isProviderType, type ResourceRecord } from "../state/records";
import { changedKeys, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { NotStarted } from "./limiter";
import { propertyChanges } from "./property-changes";
import { ReportedError } from "./reporter";
import { withSecrets } from "./secrets";

export class Refresh {
  constructor(private readonly context: DeploymentContext) {}

  /** Reads every custom resource at once; the ones that are gone leave the state. */
  async run(): Promise<void> {
    const { state, limiter, selection } = this.context;
    for (const operation of state.pendingOperations()) state.dropPending(operation); // recovery has told of them
    const custom = selection.named(state.remaining()).filter(isReadable);
    const results = await Promise.allSettled(
      custom.map((resource) => limiter.run(() => this.refresh(resource))),
    );
    const unexpected = results.find(
      (result) =>
        result.status === "rejected" &&
        !(result.reason instanceof NotStarted || result.reason instanceof ReportedError),
    );
    await state.save();
    if (unexpected?.status === "rejected") throw unexpected.reason;
  }

  private async refresh(resource: ResourceRecord): Promise<void> {
    const { providers, reporter } = this.context;
    try {
      const provider = await providers.get(resource.provider!);
      if (!provider) return;
      const before = resource.outputs;
      if (!(await readLive(this.context, resource, provider))) return this.drop(resource);
      const changed = changedKeys(before, resource.outputs);
      const changes = propertyChanges(before, resource.outputs);
      if (changed.length > 0) resource.modified = new Date().toISOString();
      await this.context.state.save();
      reporter.finished(changed.length > 0 ? "update" : "same", resource, { changedKeys: changed, changes });
    } catch (error) {
      throw reporter.stepFailed("refresh", resource, error);
    }
  }

  private drop(resource: ResourceRecord): void {
    this.context.state.drop(resource);
    this.context.reporter.finished("delete", resource, { changes: propertyChanges(resource.outputs, {}) });
  }
}

/** Takes over what a provider finds of a resource; false when it is gone. */
export async function readLive(
  context: DeploymentContext,
  resource: ResourceRecord,
  provider: Provider,
): Promise<boolean> {
  const call = callContext(context, resource);
  const found = await provider.read(call, resource.id!, plain(resource.inputs), plain(resource.outputs));
  if (!found) return false;
  const inputs = withSecrets(found.inputs, resource, provider);
  resource.outputs = withSecrets(found.outputs, { ...resource, inputs }, provider);
  resource.inputs = inputs;
  resource.id = found.id;
  return true;
}

function isReadable(resource: ResourceRecord): boolean {
  return (
    resource.custom && !isProviderType(resource.type) && !resource.delete && !resource.pendingReplacement
  );
}
