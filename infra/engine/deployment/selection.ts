/**
 * Which resources a run is about: all, those that the user named, or all but those.
 */
import { dependencyUrns, isProviderType, type ResourceRecord } from "../state/records";
import { STACK_TYPE } from "./urn";

export interface SelectionOptions {
  /**
   * URNs of the only resources to work on. `*` stands for any text without a colon, `**` for any text.
   * @default all
   */
  targets?: readonly string[];
  /**
   * Whether what depends on a target is one, too.
   * @default false
   */
  targetDependents?: boolean;
  /** URNs, as in `targets`, of resources to leave alone; cannot be given beside them. */
  excludes?: readonly string[];
  /**
   * Whether what depends on an excluded resource is left alone, too.
   * @default false
   */
  excludeDependents?: boolean;
  /** URNs, as in `targets`, of resources to make anew although nothing asks for it. */
  replace?: readonly string[];
}

type Matcher = (urn: string) => boolean;

function matcher(patterns: readonly string[]): Matcher {
  const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const anyOf = patterns.map((pattern) => {
    const parts = pattern.split("**").map((part) => part.split("*").map(literally).join("[^:]*"));
    return new RegExp(`^${parts.join(".*")}$`);
  });
  return (urn) => anyOf.some((expression) => expression.test(urn));
}

/** Providers and the stack itself are part of every run: nothing can be done without them. */
function isAlwaysIncluded({ type }: ResourceRecord): boolean {
  return isProviderType(type) || type === STACK_TYPE;
}

export class Selection {
  private readonly isTarget: Matcher | undefined;
  private readonly isExcluded: Matcher | undefined;
  private readonly isToReplace: Matcher;
  /** What this run's targets or excludes came to so far, their dependents among them. */
  private readonly marked = new Set<string>();

  constructor(private readonly options: SelectionOptions) {
    if (options.targets?.length && options.excludes?.length) {
      throw new Error("targets and excludes cannot be given together. Leave one of them out.");
    }
    this.isTarget = options.targets?.length ? matcher(options.targets) : undefined;
    this.isExcluded = options.excludes?.length ? matcher(options.excludes) : undefined;
    this.isToReplace = matcher(options.replace ?? []);
  }

  /** Whether the run is about some of the resources only. */
  get isPartial(): boolean {
    return Boolean(this.isTarget ?? this.isExcluded);
  }

  get namesTargets(): boolean {
    return this.isTarget !== undefined;
  }

  /** Whether the user asks for a new one. */
  replaces(urn: string): boolean {
    return this.isToReplace(urn);
  }

  /** Whether a resource that the program registers is part of the run; its dependencies have been asked for before it. */
  includes(resource: ResourceRecord): boolean {
    if (!this.isPartial || isAlwaysIncluded(resource)) return true;
    const { targetDependents, excludeDependents } = this.options;
    const follows = () => dependencyUrns(resource).some((urn) => this.marked.has(urn));
    const matches = this.isTarget
      ? this.isTarget(resource.urn) || (targetDependents === true && follows())
      : this.isExcluded!(resource.urn) || (excludeDependents === true && follows());
    if (matches) this.marked.add(resource.urn);
    return this.isTarget ? matches : !matches;
  }

  /** Those of the state that the user named himself: what a refresh is about. */
  named(resources: readonly ResourceRecord[]): ResourceRecord[] {
    if (this.isExcluded) return resources.filter(({ urn }) => !this.isExcluded!(urn));
    if (!this.isTarget) return [...resources];
    const { targetDependents } = this.options;
    const chosen = targetDependents
      ? withDependents(resources, this.isTarget)
      : new Set(resources.filter(({ urn }) => this.isTarget!(urn)));
    return resources.filter((resource) => chosen.has(resource));
  }

  /**
   * Those of the state's that may be deleted, of `all` that it had. A target takes along what depends on it; an excluded resource keeps what
   * it depends on.
   */
  deletable(resources: readonly ResourceRecord[], all: readonly ResourceRecord[]): ResourceRecord[] {
    if (this.isTarget) {
      const chosen = withDependents(all, this.isTarget);
      return resources.filter((resource) => chosen.has(resource));
    }
    if (!this.isExcluded) return [...resources];
    const kept = this.options.excludeDependents
      ? withDependents(resources, this.isExcluded)
      : new Set(resources.filter(({ urn }) => this.isExcluded!(urn)));
    const urns = new Set([...kept].map(({ urn }) => urn));
    for (const resource of [...resources].reverse()) {
      if (urns.has(resource.urn)) for (const urn of dependencyUrns(resource)) urns.add(urn);
    }
    return resources.filter(({ urn }) => !urns.has(urn));
  }

  /** Those of `doomed` that are no targets, although the user did not ask for dependents. */
  unnamed(doomed: readonly ResourceRecord[]): ResourceRecord[] {
    if (!this.isTarget || this.options.targetDependents) return [];
    return doomed.filter(({ urn }) => !this.isTarget!(urn));
  }
}

/** The resources that match, and all that depend on them; each stands after what it depends on. */
function withDependents(resources: readonly ResourceRecord[], matches: Matcher): Set<ResourceRecord> {
  const urns = new Set<string>();
  const chosen = new Set<ResourceRecord>();
  for (const resource of resources) {
    if (!matches(resource.urn) && !dependencyUrns(resource).some((urn) => urns.has(urn))) continue;
    urns.add(resource.urn);
    chosen.add(resource);
  }
  return chosen;
}
