/**
 * The resources of a stack during a run: those of the last run, and those that this one has settled.
 */
import {
  dependencyUrns,
  type PendingOperation,
  providerUrn,
  type ResourceRecord,
  type Snapshot,
} from "../state/records";
import type { StateStore } from "../state/store";

export class StackState {
  /** What the program registered in this run, by URN. */
  readonly registered = new Map<string, ResourceRecord>();
  /** URNs of those of them that are neither there nor made, as the run is about others. */
  readonly skipped = new Set<string>();
  /** URNs of those of them that are made anew. */
  readonly replaced = new Set<string>();
  private readonly old: ResourceRecord[];
  private readonly settled: ResourceRecord[] = [];
  /** Old resources that are deleted, or whose place a settled one has taken. */
  private readonly gone = new Set<ResourceRecord>();
  /** Old resources that this run leaves alone, and what stands for each in the new state. */
  private readonly kept = new Map<ResourceRecord, ResourceRecord>();
  private readonly claimed = new Set<ResourceRecord>();
  private readonly pending: PendingOperation[];
  private readonly liveByUrn = new Map<string, ResourceRecord>();
  /** From an old URN to the one that took its place by an alias. */
  private readonly renamed = new Map<string, string>();

  constructor(
    private readonly store: Pick<StateStore, "load" | "save">,
    /** A preview writes nothing. */
    readonly preview: boolean,
  ) {
    const loaded = store.load();
    this.old = loaded.resources;
    this.pending = loaded.pendingOperations;
    for (const resource of this.old) if (!resource.delete) this.liveByUrn.set(resource.urn, resource);
  }

  /** The one that the last run left under this URN. */
  previous(urn: string): ResourceRecord | undefined {
    return this.liveByUrn.get(urn);
  }

  find(urn: string): ResourceRecord | undefined {
    return this.registered.get(urn) ?? this.liveByUrn.get(urn);
  }

  /** The provider resource behind a reference, even one that waits for its deletion. */
  provider(reference: string): ResourceRecord | undefined {
    const matches = (resource: ResourceRecord) => `${resource.urn}::${resource.id}` === reference;
    const settled = this.registered.get(providerUrn(reference));
    return settled && matches(settled) ? settled : this.old.find(matches);
  }

  /** Notes that a registration of this run continues an old resource, whatever it comes to. */
  claim(old: ResourceRecord): void {
    this.claimed.add(old);
  }

  isClaimed(old: ResourceRecord): boolean {
    return this.claimed.has(old);
  }

  /** Resources of the last run that this one has neither kept nor deleted, in the order of their making. */
  remaining(): ResourceRecord[] {
    return this.old.filter((resource) => !this.gone.has(resource));
  }

  /** All resources that the last run left. */
  before(): readonly ResourceRecord[] {
    return this.old;
  }

  /** Takes a resource into the new state, and the old one that it continues out of it. */
  settle(resource: ResourceRecord, continues?: ResourceRecord): void {
    const kept = continues && this.kept.get(continues); // for the sake of another, which comes after it
    if (kept) this.settled[this.settled.indexOf(kept)] = resource;
    else this.settled.push(resource);
    if (!continues) return;
    this.gone.add(continues);
    if (continues.urn !== resource.urn) this.renamed.set(continues.urn, resource.urn);
  }

  /** Takes an old resource into the new state as it is, after all that it depends on. */
  keep(old: ResourceRecord): ResourceRecord {
    const known = this.kept.get(old);
    if (known) return known;
    const copy = this.withNewUrns(old);
    this.kept.set(old, copy);
    if (this.gone.has(old)) return copy; // a settled one has taken its place
    for (const urn of dependencyUrns(old)) {
      const dependency = this.liveByUrn.get(urn);
      if (dependency) this.keep(dependency);
    }
    this.settled.push(copy);
    this.gone.add(old);
    return copy;
  }

  forget(resource: ResourceRecord): void {
    this.gone.add(resource);
  }

  /** As {@link forget}, of what went without its dependents: they stay, and depend on it no more. */
  drop(resource: ResourceRecord): void {
    this.forget(resource);
    if (this.liveByUrn.get(resource.urn) === resource) this.liveByUrn.delete(resource.urn);
    for (const other of this.remaining()) {
      if (dependencyUrns(other).includes(resource.urn)) forgetDependency(other, resource.urn);
    }
  }

  /** Takes a resource in as if the last run had left it, last or in the place of one that is no more. */
  adopt(resource: ResourceRecord, inPlaceOf?: ResourceRecord): void {
    if (inPlaceOf) this.old[this.old.indexOf(inPlaceOf)] = resource;
    else this.old.push(resource);
    if (!resource.delete) this.liveByUrn.set(resource.urn, resource);
  }

  pendingOperations(): readonly PendingOperation[] {
    return [...this.pending];
  }

  dropPending(operation: PendingOperation): void {
    const index = this.pending.indexOf(operation);
    if (index >= 0) this.pending.splice(index, 1);
  }

  /** Records an operation before it begins, so that a crash in the middle of it is found by the next run. */
  async begin(type: PendingOperation["type"], resource: ResourceRecord): Promise<PendingOperation> {
    const operation: PendingOperation = { type, resource: { ...resource } };
    this.pending.push(operation);
    await this.save();
    return operation;
  }

  async save(): Promise<void> {
    if (!this.preview) await this.store.save(() => this.snapshot());
  }

  /** The whole state as it stands now, references brought up to date. */
  snapshot(): Snapshot {
    const resources = [...this.settled, ...this.remaining().map((resource) => this.withNewUrns(resource))];
    return { resources, pendingOperations: [...this.pending] };
  }

  private withNewUrns(resource: ResourceRecord): ResourceRecord {
    if (this.renamed.size === 0) return resource;
    if (!dependencyUrns(resource).some((urn) => this.renamed.has(urn))) return resource;
    const now = (urn: string) => this.renamed.get(urn) ?? urn;
    const updated: ResourceRecord = { ...resource };
    if (resource.parent) updated.parent = now(resource.parent);
    if (resource.deletedWith) updated.deletedWith = now(resource.deletedWith);
    if (resource.dependencies) updated.dependencies = resource.dependencies.map(now);
    if (resource.provider) {
      const urn = providerUrn(resource.provider);
      updated.provider = now(urn) + resource.provider.slice(urn.length);
    }
    if (resource.propertyDependencies) {
      updated.propertyDependencies = Object.fromEntries(
        Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, urns.map(now)]),
      );
    }
    return updated;
  }
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
