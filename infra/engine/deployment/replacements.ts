/**
 * The order "delete first, then create": what must go before a resource can go.
 */
import { type Properties, UNKNOWN } from "../provider";
import { isProviderType, providerUrn, type ResourceRecord } from "../state/records";
import type { DeploymentContext } from "./context";
import type { Deletions } from "./deletions";
import { diffInputs } from "./differ";
import { propertyChanges } from "./property-changes";

export class Replacements {
  private readonly deleted = new WeakSet<ResourceRecord>();
  /** What goes for the sake of another, each with its going. */
  private readonly leaving = new Map<ResourceRecord, Promise<void>>();

  constructor(
    private readonly context: DeploymentContext,
    private readonly deletions: Deletions,
  ) {}

  /**
   * Deletes a resource that is about to be made anew, and before it, last made first, the dependents that its
   * going would replace. Each stays in the state, marked, until its own replacement is made.
   */
  async deleteFirst(root: ResourceRecord, changedKeys: string[]): Promise<void> {
    const { state } = this.context;
    let dependents = await this.dependentsToReplace(root);
    // The program may have registered some of them while their providers were asked.
    while (dependents.some((dependent) => state.isClaimed(dependent))) {
      dependents = await this.dependentsToReplace(root);
    }
    const guarded = dependents.find(({ protect }) => protect);
    if (guarded) {
      throw new Error(`It cannot be replaced, since that would delete ${guarded.urn}, which is protected.`);
    }
    let gone: Promise<unknown> = Promise.resolve();
    for (const resource of [...dependents.reverse(), root]) {
      const before = gone;
      // Another replacement may be about to delete it, too.
      const leaving =
        this.leaving.get(resource) ??
        before.then(() => this.takeAway(resource, resource === root ? changedKeys : []));
      this.leaving.set(resource, leaving);
      gone = Promise.all([before, leaving]);
    }
    await gone;
  }

  /** Waits until it is gone, if a replacement of another one takes it along. */
  async settled(resource: ResourceRecord): Promise<void> {
    await this.leaving.get(resource);
  }

  private async takeAway(resource: ResourceRecord, changedKeys: string[]): Promise<void> {
    const { state, reporter } = this.context;
    const detail = { changedKeys, changes: propertyChanges(resource.inputs, {}) };
    await reporter.step("delete-replaced", resource, detail, async () => {
      await this.deletions.remove(resource, () => {
        resource.pendingReplacement = true;
        this.deleted.add(resource);
      });
      await state.save();
    });
  }

  /** Whether this run has deleted it for the sake of another. */
  hasDeleted(resource: ResourceRecord): boolean {
    return this.deleted.has(resource);
  }

  /** Old resources, in the order of their making, that a change of what they take from `root` would replace. */
  private async dependentsToReplace(root: ResourceRecord): Promise<ResourceRecord[]> {
    const { state } = this.context;
    const replaced = new Set([root.urn]);
    const dependents: ResourceRecord[] = [];
    for (const resource of state.remaining()) {
      const untouchable = resource === root || resource.delete || !resource.custom || resource.external;
      // What the program has registered before `root` cannot depend on it any more.
      if (untouchable || resource.pendingReplacement || state.isClaimed(resource)) continue;
      if (await this.wouldBeReplaced(resource, replaced)) {
        replaced.add(resource.urn);
        dependents.push(resource);
      }
    }
    return dependents;
  }

  private async wouldBeReplaced(resource: ResourceRecord, replaced: Set<string>): Promise<boolean> {
    if (resource.provider && replaced.has(providerUrn(resource.provider))) return true;
    if (resource.deletedWith && replaced.has(resource.deletedWith)) return true;
    if (resource.replaceWith?.some((urn) => replaced.has(urn))) return true;
    const touched = Object.keys(resource.inputs).filter((key) =>
      resource.propertyDependencies?.[key]?.some((urn) => replaced.has(urn)),
    );
    if (touched.length === 0 || isProviderType(resource.type)) return false;
    const inputs: Properties = { ...resource.inputs };
    for (const key of touched) inputs[key] = UNKNOWN;
    const provider = await this.context.providers.get(resource.provider!);
    const diff = await diffInputs(this.context, resource, inputs, provider, resource.replaceOnChanges);
    return diff.replaceKeys.length > 0;
  }
}
