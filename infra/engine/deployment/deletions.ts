/**
 * Deletes: the ones at the end of a run, and the single one that a replacement asks for first.
 */
import type { Operation } from "../events";
import { dependencyUrns, isProviderType, type ResourceRecord } from "../state/records";
import { plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import type { Hooks } from "./hooks";
import { NotStarted } from "./limiter";
import { propertyChanges } from "./property-changes";
import { ReportedError } from "./reporter";
import { isDefaultProvider } from "./urn";

export class Deletions {
  constructor(
    private readonly context: DeploymentContext,
    private readonly hooks: Hooks,
  ) {}

  /** Deletes one resource for real, if there is anything to delete; `settle` brings that into the state. */
  async remove(resource: ResourceRecord, settle: () => void): Promise<void> {
    const managed = resource.custom && !isProviderType(resource.type);
    const { preview, retain } = this.context;
    if (resource.external || resource.pendingReplacement) return settle();
    await this.hooks.run("BeforeDelete", resource, resource);
    if (managed && !preview && !retain(resource)) await this.callDelete(resource, settle);
    else settle();
    await this.hooks.run("AfterDelete", resource, resource);
  }

  private async callDelete(resource: ResourceRecord, settle: () => void): Promise<void> {
    const { state, providers } = this.context;
    const provider = await providers.get(resource.provider!);
    const operation = await state.begin("deleting", resource);
    try {
      await provider?.delete(callContext(this.context, resource, "delete"), {
        id: resource.id!,
        inputs: plain(resource.inputs),
        outputs: plain(resource.outputs),
      });
      settle(); // with the operation's end: no write of the state may come between them
    } finally {
      state.dropPending(operation);
    }
  }

  /** Deletes all that this run has not kept: dependents first, independent ones at once. */
  async removeRemaining(): Promise<void> {
    const { state, reporter, selection } = this.context;
    const doomed = selection.deletable(state.remaining(), state.before());
    const unnamed = selection.unnamed(doomed);
    for (const resource of unnamed) {
      const problem =
        "It depends on a target, and is none itself. Name it, too, or say that dependents are meant.";
      reporter.stepFailed("delete", resource, new Error(problem));
    }
    if (unnamed.length > 0) return;
    const guarded = doomed.filter((resource) => resource.protect && !resource.delete && !resource.external);
    for (const resource of guarded) {
      reporter.stepFailed(
        "delete",
        resource,
        new Error("It is protected. Take `protect` off it and run up before you remove it."),
      );
    }
    if (guarded.length > 0) return;

    const doomedUrns = new Set(doomed.map(({ urn }) => urn));
    const removals = new Map<ResourceRecord, Promise<void>>();
    const removeAfterDependents = async (resource: ResourceRecord, index: number): Promise<void> => {
      await Promise.all(dependents(resource, index).map((dependent) => removals.get(dependent)));
      const goesWithAnother = resource.deletedWith !== undefined && doomedUrns.has(resource.deletedWith);
      await this.context.limiter.run(() => this.removeAndForget(resource, goesWithAnother));
    };
    // A dependent stands after what it depends on, so it has its promise already when we come from the end.
    const dependents = (resource: ResourceRecord, index: number) =>
      doomed.slice(index + 1).filter((later) => dependencyUrns(later).includes(resource.urn));
    for (let index = doomed.length - 1; index >= 0; index--) {
      removals.set(doomed[index], removeAfterDependents(doomed[index], index));
    }
    const results = await Promise.allSettled(removals.values());
    for (const result of results) if (result.status === "rejected") this.rethrowUnexpected(result.reason);
  }

  private async removeAndForget(resource: ResourceRecord, goesWithAnother: boolean): Promise<void> {
    const { state, reporter } = this.context;
    const action = async () => {
      if (goesWithAnother) state.forget(resource);
      else await this.remove(resource, () => state.forget(resource));
      await state.save();
    };
    const silent = resource.pendingReplacement || isDefaultProvider(resource.urn, resource.type);
    const detail = { changes: propertyChanges(resource.inputs, {}) };
    await (silent ? action() : reporter.step(this.operation(resource), resource, detail, action));
  }

  private operation(resource: ResourceRecord): Operation {
    if (resource.external) return "discard";
    if (resource.custom && !isProviderType(resource.type) && this.context.retain(resource)) return "retain";
    return resource.delete ? "delete-replaced" : "delete";
  }

  private rethrowUnexpected(reason: unknown): void {
    if (!(reason instanceof NotStarted || reason instanceof ReportedError)) throw reason;
  }
}
