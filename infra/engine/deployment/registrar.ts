/**
 * Takes the registrations of the program: finds what each one continues, and has its step done.
 */
import { randomUUID } from "node:crypto";
import { type Properties, UNKNOWN } from "../provider";
import { dependencyUrns, isProviderType, type ResourceRecord } from "../state/records";
import { annotate } from "../wire/secrecy";
import { equal, plain, secret } from "../wire/values";
import type { DeploymentContext } from "./context";
import { emptyGoal, type Goal } from "./goal";
import type { Hooks } from "./hooks";
import { NotStarted } from "./limiter";
import { propertyChanges } from "./property-changes";
import type { StepDetail } from "./reporter";
import type { Steps } from "./steps";
import { isDefaultProvider, makeUrn, packageOf, STACK_TYPE, urnName } from "./urn";

function describe(next: ResourceRecord, old: ResourceRecord | undefined): StepDetail {
  return { changes: propertyChanges(old?.inputs ?? {}, next.inputs) };
}

/** What a child was called while its parent had another name: many are called after their parents. */
function nameBelow(name: string, parent: string, formerParent: string): string {
  const parentName = urnName(parent);
  return name.startsWith(parentName) ? urnName(formerParent) + name.slice(parentName.length) : name;
}

export class Registrar {
  /** URN of the stack resource, once the program has registered it. */
  rootUrn = "";
  private readonly aliases = new Map<string, string[]>();
  /** What the program wants called once the outputs of a component are known. */
  private readonly afterOutputs = new Map<string, () => Promise<void>>();
  private readonly defaultProviders = new Map<string, Promise<string>>();

  constructor(
    private readonly context: DeploymentContext,
    private readonly steps: Steps,
    private readonly hooks: Hooks,
    /** The stack's configuration by full key, which default providers take theirs from. */
    private readonly configuration: Record<string, { value: string; secret: boolean }>,
  ) {}

  urn(type: string, name: string, parent: string): string {
    const { project, stack } = this.context;
    return makeUrn({
      stack,
      project,
      type,
      name,
      parent: parent || (type === STACK_TYPE ? "" : this.rootUrn),
    });
  }

  /** Settles a resource. A failure has been reported when this rejects; it closes the limiter. */
  async register(goal: Goal): Promise<ResourceRecord> {
    const urn = this.urn(goal.type, goal.name, goal.parent);
    return this.report(urn, goal.type, () => this.registerUnder(urn, goal));
  }

  /** Tells the failure of a registration as one of the resource's, and has the run end by it. */
  async report<Result>(urn: string, type: string, work: () => Promise<Result>): Promise<Result> {
    const { reporter, limiter, state } = this.context;
    try {
      return await work();
    } catch (error) {
      if (error instanceof NotStarted) throw error;
      limiter.close();
      const operation = state.previous(urn) ? "update" : "create";
      throw reporter.stepFailed(operation, { urn, type }, error);
    }
  }

  private async registerUnder(urn: string, goal: Goal): Promise<ResourceRecord> {
    const { state, limiter, selection, reporter } = this.context;
    reporter.secrets.learn(goal.inputs);
    if (state.registered.has(urn)) {
      throw new Error(
        `The program makes two resources of type ${goal.type} named "${goal.name}". Give one another name.`,
      );
    }
    const next: ResourceRecord = {
      urn,
      custom: goal.custom,
      type: goal.type,
      inputs: goal.inputs,
      outputs: {},
    };
    state.registered.set(urn, next);
    if (goal.type === STACK_TYPE) this.rootUrn = urn;
    const old = this.findOld(urn, goal);
    this.fill(next, goal, old);
    if (!selection.includes(next)) {
      if (goal.custom && !goal.provider) await this.defaultProvider(packageOf(goal.type), goal.version);
      return this.leaveAlone(next, old);
    }
    this.refuseSkipped(next);
    if (!goal.custom) await this.settleComponent(next, old);
    else if (isProviderType(goal.type)) await this.settleProvider(next, old);
    else {
      next.provider = goal.provider || (await this.defaultProvider(packageOf(goal.type), goal.version));
      await limiter.run(() => this.steps.run(goal, next, old));
    }
    return next;
  }

  /** The run is about other resources: an old one stays as it is, a new one is not made. */
  private leaveAlone(next: ResourceRecord, old: ResourceRecord | undefined): ResourceRecord {
    const { state, reporter } = this.context;
    reporter.finished("same", next);
    if (!old) {
      state.skipped.add(next.urn);
      return next;
    }
    const kept = state.keep(old);
    state.registered.set(next.urn, kept);
    state.registered.set(kept.urn, kept);
    return kept;
  }

  private refuseSkipped(next: ResourceRecord): void {
    const missing = dependencyUrns(next).filter((urn) => this.context.state.skipped.has(urn));
    if (missing.length === 0) return;
    throw new Error(
      `It depends on ${missing.join(" and ")}, which this run does not make. Add that to the targets, or take it out of the excludes.`,
    );
  }

  private fill(next: ResourceRecord, goal: Goal, old: ResourceRecord | undefined): void {
    Object.assign(next, {
      parent:
        goal.parent ||
        (goal.type === STACK_TYPE || isDefaultProvider(next.urn, goal.type) ? undefined : this.rootUrn),
      protect: goal.protect,
      dependencies: [...new Set(goal.dependencies)],
      propertyDependencies: goal.propertyDependencies,
      additionalSecretOutputs: goal.additionalSecretOutputs,
      customTimeouts: goal.customTimeouts,
      importID: goal.importId || undefined,
      retainOnDelete: goal.retainOnDelete,
      deletedWith: goal.deletedWith || undefined,
      created: old?.created,
      modified: old?.modified,
      sourcePosition: goal.sourcePosition,
      ignoreChanges: goal.ignoreChanges,
      replaceOnChanges: goal.replaceOnChanges,
      replaceWith: goal.replaceWith,
      replacementTrigger: goal.replacementTrigger ?? undefined,
      resourceHooks: goal.hooks,
    });
  }

  /** What the last run left under this URN, or under one of its former ones. */
  private findOld(urn: string, goal: Goal): ResourceRecord | undefined {
    const { state } = this.context;
    const aliases = this.aliasUrns(goal).filter((alias) => alias !== urn);
    this.aliases.set(urn, aliases);
    const former = aliases.find((alias) => state.previous(alias) && !state.registered.has(alias));
    const old = state.previous(urn) ?? (former ? state.previous(former) : undefined);
    if (old) state.claim(old);
    return old;
  }

  private aliasUrns(goal: Goal): string[] {
    const withAliases = (parent: string) => [parent, ...(this.aliases.get(parent) ?? [])];
    const own = goal.aliases.flatMap((alias) => {
      if (typeof alias === "string") return [alias];
      const now = alias.parent || goal.parent || this.rootUrn;
      const parents = alias.noParent ? [""] : withAliases(now);
      return parents.flatMap((parent) => {
        const name = alias.name || goal.name;
        const names = alias.noParent ? [name] : [name, nameBelow(name, now, parent)];
        return names.map((each) =>
          makeUrn({
            stack: alias.stack || this.context.stack,
            project: alias.project || this.context.project,
            type: alias.type || goal.type,
            name: each,
            parent,
          }),
        );
      });
    });
    const inherited = (this.aliases.get(goal.parent) ?? []).map((parent) =>
      this.urn(goal.type, nameBelow(goal.name, goal.parent, parent), parent),
    );
    return [...own, ...inherited];
  }

  private async settleComponent(next: ResourceRecord, old: ResourceRecord | undefined): Promise<void> {
    const { state, reporter } = this.context;
    next.outputs = old?.outputs ?? {};
    next.created ??= new Date().toISOString();
    next.modified ??= next.created;
    state.settle(next, old);
    if (old && equal(old.inputs, next.inputs)) return reporter.finished("same", next);
    await reporter.step(old ? "update" : "create", next, describe(next, old), async () => {
      await this.hooks.run(old ? "BeforeUpdate" : "BeforeCreate", next, old);
      this.afterOutputs.set(next.urn, () => this.hooks.run(old ? "AfterUpdate" : "AfterCreate", next, old));
      await state.save();
    });
  }

  /** Takes the outputs of a component, with which it is whole. */
  async registerOutputs(urn: string, outputs: Properties): Promise<void> {
    const resource = this.context.state.registered.get(urn);
    if (!resource) throw new Error(`${urn} has outputs but was never registered.`);
    this.context.reporter.secrets.learn(outputs);
    resource.outputs = outputs;
    const hook = this.afterOutputs.get(urn);
    this.afterOutputs.delete(urn);
    if (hook) await this.report(urn, resource.type, hook);
  }

  /** A run that failed did not come to all outputs of the stack: those that it left out stay as they were. */
  keepOutputs(): void {
    const { state } = this.context;
    const stack = state.registered.get(this.rootUrn);
    if (stack) stack.outputs = { ...state.previous(this.rootUrn)?.outputs, ...stack.outputs };
  }

  private async settleProvider(next: ResourceRecord, old: ResourceRecord | undefined): Promise<void> {
    const { state, reporter, providers, preview } = this.context;
    next.id = old?.id ?? (preview ? UNKNOWN : randomUUID());
    next.created ??= new Date().toISOString();
    next.modified ??= next.created;
    const provider = await providers.configure(next);
    if (provider?.configuration) next.inputs = annotate(provider.configuration, next.inputs);
    const { __internal: _, ...outputs } = next.inputs;
    next.outputs = outputs;
    const same = old !== undefined && equal(plain(old.inputs), plain(next.inputs));
    const diff = old && !same && (await provider?.diffConfiguration?.(plain(old.inputs), plain(next.inputs)));
    const replaces = old !== undefined && Boolean(diff && diff.replaceKeys.length > 0);
    if (replaces) {
      next.id = preview ? UNKNOWN : randomUUID();
      await providers.exchange(old, next);
      state.replaced.add(next.urn);
      old.delete = true; // it is there until its resources are deleted by it
    }
    state.settle(next, replaces ? undefined : old);
    if (isDefaultProvider(next.urn, next.type)) return same ? undefined : state.save();
    if (same) return reporter.finished("same", next);
    const operation = replaces ? "replace" : old ? "update" : "create";
    await reporter.step(operation, next, describe(next, old), () => state.save());
  }

  /** The reference to the provider that serves a package for all resources that name none. */
  defaultProvider(packageName: string, version: string): Promise<string> {
    const key = `${packageName}@${version}`;
    let reference = this.defaultProviders.get(key);
    if (!reference) {
      const name = version ? `default_${version.replace(/[.+-]/g, "_")}` : "default";
      const inputs: Properties = version ? { __internal: {}, version } : {};
      for (const [fullKey, { value, secret: isSecretValue }] of Object.entries(this.configuration)) {
        if (!fullKey.startsWith(`${packageName}:`)) continue;
        inputs[fullKey.slice(packageName.length + 1)] = isSecretValue ? secret(value) : value;
      }
      const goal = { ...emptyGoal(`pulumi:providers:${packageName}`, name), version, inputs };
      const urn = makeUrn({
        stack: this.context.stack,
        project: this.context.project,
        type: goal.type,
        name,
        parent: "",
      });
      reference = this.registerUnder(urn, goal).then(({ id }) => `${urn}::${id}`);
      this.defaultProviders.set(key, reference);
    }
    return reference;
  }
}
