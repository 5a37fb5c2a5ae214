/**
 * Brings the state in line with what really is there.
 */
import { dependencyUrns, isProviderType, type ResourceRecord } from "../state/records";
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
      const call = callContext(this.context, resource);
      const found = await provider.read(call, resource.id!, plain(resource.inputs), plain(resource.outputs));
      if (!found) return this.drop(resource);
      const inputs = withSecrets(found.inputs, resource, provider);
      const outputs = withSecrets(found.outputs, { ...resource, inputs }, provider);
      const changed = changedKeys(resource.outputs, outputs);
      const changes = propertyChanges(resource.outputs, outputs);
      resource.inputs = inputs;
      resource.outputs = outputs;
      resource.id = found.id;
      if (changed.length > 0) resource.modified = new Date().toISOString();
      reporter.finished(changed.length > 0 ? "update" : "same", resource, { changedKeys: changed, changes });
    } catch (error) {
      throw reporter.stepFailed("refresh", resource, error);
    }
  }

  private drop(resource: ResourceRecord): void {
    const { state, reporter } = this.context;
    state.forget(resource);
    for (const other of state.remaining()) {
      if (dependencyUrns(other).includes(resource.urn)) forgetDependency(other, resource.urn);
    }
    reporter.finished("delete", resource, { changes: propertyChanges(resource.outputs, {}) });
  }
}

function isReadable(resource: ResourceRecord): boolean {
  return (
    resource.custom && !isProviderType(resource.type) && !resource.delete && !resource.pendingReplacement
  );
}

function forgetDependency(resource: ResourceRecord, urn: string): void {
  const without = (urns: string[] | undefined) => urns?.filter((each) => each !== urn);
  resource.dependencies = without(resource.dependencies);
  if (resource.deletedWith === urn) resource.deletedWith = undefined;
  if (resource.parent === urn) resource.parent = undefined;
  for (const [key, urns] of Object.entries(resource.propertyDependencies ?? {})) {
    resource.propertyDependencies![key] = without(urns)!;
  }
}
