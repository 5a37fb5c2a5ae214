/**
 * What happens to one custom resource: nothing, a read, a create, an update or a replacement.
 */
import {
  type CallContext,
  PartialCreateError,
  type Properties,
  type Provider,
  type ResourceState,
} from "../provider";
import type { ResourceRecord } from "../state/records";
import { ignoreChanges } from "../wire/paths";
import { annotate } from "../wire/secrecy";
import { clean, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { type Difference, diffResource } from "./differ";
import { Existing } from "./existing";
import type { Goal } from "./goal";
import type { Hooks } from "./hooks";
import { propertyChanges } from "./property-changes";
import type { Replacements } from "./replacements";
import { isReplaceAsked } from "./replacing";
import type { StepDetail } from "./reporter";
import { withSecrets } from "./secrets";

export class Steps {
  private readonly existing: Existing;

  constructor(
    private readonly context: DeploymentContext,
    private readonly hooks: Hooks,
    private readonly replacements: Replacements,
  ) {
    this.existing = new Existing(context);
  }

  /** Brings `next` about, and settles it in the state with its id and outputs. */
  async run(goal: Goal, next: ResourceRecord, old: ResourceRecord | undefined): Promise<void> {
    if (old) await this.replacements.settled(old);
    const provider = await this.context.providers.get(next.provider!);
    if (goal.readId !== undefined) return this.existing.read(goal.readId, next, old, provider);
    const isImport = this.existing.isWanted(goal, old);
    if (isImport)
      await this.bring(goal, next, await this.existing.import(next, old, provider), provider, true);
    else await this.bring(goal, next, old, provider, false);
  }

  private async bring(
    goal: Goal,
    next: ResourceRecord,
    old: ResourceRecord | undefined,
    provider: Provider | undefined,
    isImported: boolean,
  ): Promise<void> {
    // Of one that is to be made anew, the provider shall take nothing over.
    const before = old && !old.external && !isReplaceAsked(this.context, old) ? old : undefined;
    next.inputs = await this.check(goal, next, before, provider);
    if (!old) return this.create(next, provider);
    if (old.external) return this.replace(next, old, {}, provider);
    if (old.pendingReplacement) {
      const changes = this.replacements.hasDeleted(old) ? [] : propertyChanges(old.inputs, next.inputs);
      return this.remake(goal, next, old, { changes }, provider);
    }

    next.id = old.id;
    const diff = await diffResource(this.context, old, next, provider);
    if (diff.replace) {
      this.refuseReplacement(goal, old, diff);
      if (goal.deleteBeforeReplace ?? diff.deleteBeforeReplace) {
        await this.replacements.deleteFirst(old, diff.replaceKeys);
      }
      const detail = { changedKeys: diff.replaceKeys, changes: diff.changes };
      return this.remake(goal, next, old, detail, provider);
    }
    // What was made but is not as asked gets an update even without a change, so that its provider can finish it.
    if (diff.changed || old.initErrors?.length) return this.update(next, old, diff, provider);
    next.outputs = withSecrets(old.outputs, next, provider);
    this.context.state.settle(next, old);
    if (!isImported) this.context.reporter.finished("same", next);
  }

  private refuseReplacement(goal: Goal, old: ResourceRecord, { replaceKeys }: Difference): void {
    const why = `A change of ${replaceKeys.join(", ")}`;
    if (old.protect && goal.protect) {
      throw new Error(
        `${why} would replace it, and it is protected. Take \`protect\` off it and run up first.`,
      );
    }
    if (goal.importId) {
      throw new Error(
        `${why} would replace it, and it was imported. Take \`import\` off it, or write what the imported one has.`,
      );
    }
  }

  private async check(
    goal: Goal,
    next: ResourceRecord,
    old: ResourceRecord | undefined,
    provider: Provider | undefined,
  ): Promise<Properties> {
    const asked = old ? ignoreChanges(goal.inputs, old.inputs, goal.ignoreChanges) : goal.inputs;
    if (!provider) return asked;
    const call = callContext(this.context, next);
    const checked = await provider.check(call, old ? plain(old.inputs) : undefined, plain(asked));
    if (checked.failures.length > 0) {
      const reasons = checked.failures.map(({ property, reason }) =>
        property ? `${property}: ${reason}` : reason,
      );
      throw new Error(reasons.join("\n"));
    }
    return annotate(clean(checked.inputs), asked);
  }

  /** Makes it anew; defaults that the old one had are not carried over. */
  private async remake(
    goal: Goal,
    next: ResourceRecord,
    old: ResourceRecord,
    detail: StepDetail,
    provider: Provider | undefined,
  ): Promise<void> {
    next.id = undefined;
    next.inputs = await this.check(goal, next, undefined, provider);
    return this.replace(next, old, detail, provider);
  }

  private create(next: ResourceRecord, provider: Provider | undefined): Promise<void> {
    const detail = { changes: propertyChanges({}, next.inputs) };
    return this.make("create", next, detail, provider, () => this.context.state.settle(next));
  }

  private replace(
    next: ResourceRecord,
    old: ResourceRecord,
    detail: StepDetail,
    provider: Provider | undefined,
  ): Promise<void> {
    const { state } = this.context;
    state.replaced.add(next.urn);
    return this.make("replace", next, detail, provider, () => {
      if (old.pendingReplacement) return state.settle(next, old);
      old.delete = true; // it stays, marked, until the deletes at the end of the run
      state.settle(next);
    });
  }

  private async make(
    operation: "create" | "replace",
    next: ResourceRecord,
    detail: StepDetail,
    provider: Provider | undefined,
    settle: () => void,
  ): Promise<void> {
    const { reporter, preview } = this.context;
    await reporter.step(operation, next, detail, async () => {
      if (preview || !provider) {
        const foreseen = await provider?.foreseeCreate?.(this.call(next, "create"), plain(next.inputs));
        next.outputs = foreseen ? withSecrets(foreseen, next, provider) : next.inputs;
        return settle();
      }
      await this.hooks.run("BeforeCreate", next);
      next.created = new Date().toISOString();
      next.modified = next.created;
      await this.callCreate(next, provider, settle);
      await this.hooks.run("AfterCreate", next);
    });
  }

  private async callCreate(next: ResourceRecord, provider: Provider, settle: () => void): Promise<void> {
    const { state, reporter } = this.context;
    const take = (made: ResourceState) => {
      next.id = made.id;
      next.outputs = withSecrets(made.outputs, next, provider);
      reporter.secrets.learn(next.outputs);
      settle();
      state.dropPending(operation);
    };
    const operation = await state.begin("creating", next);
    try {
      take(await provider.create(this.call(next, "create"), plain(next.inputs)));
    } catch (error) {
      if (error instanceof PartialCreateError) {
        take(error.state);
        next.initErrors = error.reasons.map((reason) => reporter.secrets.mask(reason));
      } else if (!provider.recover) {
        state.dropPending(operation);
      }
      // With recover the record stays: a create that failed may have made something, and the next run asks.
      throw error;
    } finally {
      await state.save();
    }
  }

  private async update(
    next: ResourceRecord,
    old: ResourceRecord,
    { changedKeys, changes, stables }: Difference,
    provider: Provider | undefined,
  ): Promise<void> {
    const { state, reporter, preview } = this.context;
    await reporter.step("update", next, { changedKeys, changes }, async () => {
      const before = { id: old.id!, inputs: plain(old.inputs), outputs: plain(old.outputs) };
      if (preview || !provider) {
        const foreseen = await provider?.foreseeUpdate?.(
          this.call(next, "update"),
          before,
          plain(next.inputs),
        );
        const kept = stables.filter((key) => key in old.outputs).map((key) => [key, old.outputs[key]]);
        next.outputs = foreseen
          ? withSecrets(foreseen, next, provider)
          : { ...next.inputs, ...Object.fromEntries(kept) };
        return state.settle(next, old);
      }
      await this.hooks.run("BeforeUpdate", next, old);
      next.modified = new Date().toISOString();
      const operation = await state.begin("updating", next);
      try {
        const outputs = await provider.update(this.call(next, "update"), before, plain(next.inputs));
        next.outputs = withSecrets(outputs, next, provider);
        reporter.secrets.learn(next.outputs);
        state.settle(next, old);
      } finally {
        state.dropPending(operation);
        await state.save();
      }
      await this.hooks.run("AfterUpdate", next, old);
    });
  }

  private call(next: ResourceRecord, timeout: "create" | "update"): CallContext {
    return callContext(this.context, next, timeout);
  }
}
