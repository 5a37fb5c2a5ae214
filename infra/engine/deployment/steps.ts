/**
 * What happens to one custom resource: nothing, a read, a create, an update or a replacement.
 */
import {
  type CallContext,
  PartialCreateError,
  type Properties,
  type Provider,
  type ResourceState,
  UNKNOWN,
} from "../provider";
import type { ResourceRecord } from "../state/records";
import { ignoreChanges } from "../wire/paths";
import { annotate, markSecrets } from "../wire/secrecy";
import { clean, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import { diffResource } from "./differ";
import type { Goal } from "./goal";
import type { Hooks } from "./hooks";
import type { Replacements } from "./replacements";

export class Steps {
  constructor(
    private readonly context: DeploymentContext,
    private readonly hooks: Hooks,
    private readonly replacements: Replacements,
  ) {}

  /** Brings `next` about, and settles it in the state with its id and outputs. */
  async run(goal: Goal, next: ResourceRecord, old: ResourceRecord | undefined): Promise<void> {
    const provider = await this.context.providers.get(next.provider!);
    if (goal.readId !== undefined) return this.read(goal.readId, next, old, provider);
    if (goal.importId && !old) {
      throw new Error("The embedded engine does not import resources. Run this once with Pulumi's CLI.");
    }
    next.inputs = await this.check(goal, next, old, provider);
    if (!old || old.external) return this.create("create", next, old, [], provider);
    if (old.pendingReplacement) return this.replace(goal, next, old, [], provider);

    next.id = old.id;
    const diff = await diffResource(this.context, old, next.inputs, goal.replaceOnChanges);
    if (diff.replaceKeys.length > 0) {
      if (old.protect && goal.protect) {
        throw new Error(
          `A change of ${diff.replaceKeys.join(", ")} would replace it, and it is protected. Take \`protect\` off it and run up first.`,
        );
      }
      if (goal.deleteBeforeReplace ?? diff.deleteBeforeReplace) {
        await this.replacements.deleteFirst(old, diff.replaceKeys);
      }
      return this.replace(goal, next, old, diff.replaceKeys, provider);
    }
    // What was made but is not as asked gets an update even without a change, so that its provider can finish it.
    if (diff.changed || old.initErrors?.length) {
      return this.update(next, old, diff.changedKeys, diff.stables, provider);
    }
    next.outputs = markSecrets(old.outputs, next.inputs, this.secretKeys(next, provider));
    this.context.state.settle(next, old);
    this.context.reporter.finished("same", next, []);
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

  private async read(
    id: string,
    next: ResourceRecord,
    old: ResourceRecord | undefined,
    provider: Provider | undefined,
  ): Promise<void> {
    const { state, reporter } = this.context;
    next.external = true;
    if (id === UNKNOWN || !provider) {
      state.settle(next, old);
      return reporter.finished("read", next, []);
    }
    await reporter.step("read", next, [], async () => {
      const asked = plain(next.inputs);
      const found = await provider.read(callContext(this.context, next), id, asked, asked);
      if (!found) throw new Error(`There is no ${next.type} with the id "${id}".`);
      next.id = found.id;
      next.outputs = this.outputs(next, found.outputs, provider);
      next.inputs = {};
      state.settle(next, old);
      await state.save();
    });
  }

  /** Makes it anew; defaults that the old one had are not carried over. */
  private async replace(
    goal: Goal,
    next: ResourceRecord,
    old: ResourceRecord,
    keys: string[],
    provider: Provider | undefined,
  ): Promise<void> {
    next.id = undefined;
    next.inputs = await this.check(goal, next, undefined, provider);
    return this.create("replace", next, old, keys, provider);
  }

  private async create(
    operation: "create" | "replace",
    next: ResourceRecord,
    old: ResourceRecord | undefined,
    keys: string[],
    provider: Provider | undefined,
  ): Promise<void> {
    const { state, reporter, preview } = this.context;
    const settle = () => {
      if (operation === "replace" && !old!.pendingReplacement) {
        old!.delete = true; // it stays, marked, until the deletes at the end of the run
        state.settle(next);
      } else {
        state.settle(next, old);
      }
    };
    await reporter.step(operation, next, keys, async () => {
      if (preview || !provider) {
        next.outputs = next.inputs;
        return settle();
      }
      await this.hooks.run("beforeCreate", next);
      next.created = new Date().toISOString();
      next.modified = next.created;
      await this.callCreate(next, provider, settle);
      await this.hooks.run("afterCreate", next);
    });
  }

  private async callCreate(next: ResourceRecord, provider: Provider, settle: () => void): Promise<void> {
    const { state } = this.context;
    const take = (made: ResourceState) => {
      next.id = made.id;
      next.outputs = this.outputs(next, made.outputs, provider);
      settle();
      state.dropPending(operation);
    };
    const operation = await state.begin("creating", next);
    try {
      take(await provider.create(this.call(next, "create"), plain(next.inputs)));
    } catch (error) {
      if (error instanceof PartialCreateError) {
        next.initErrors = [error.message];
        take(error.state);
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
    keys: string[],
    stables: string[],
    provider: Provider | undefined,
  ): Promise<void> {
    const { state, reporter, preview } = this.context;
    await reporter.step("update", next, keys, async () => {
      if (preview || !provider) {
        const kept = stables.filter((key) => key in old.outputs).map((key) => [key, old.outputs[key]]);
        next.outputs = { ...next.inputs, ...Object.fromEntries(kept) };
        return state.settle(next, old);
      }
      await this.hooks.run("beforeUpdate", next, old);
      next.modified = new Date().toISOString();
      const operation = await state.begin("updating", next);
      try {
        const before = { id: old.id!, inputs: plain(old.inputs), outputs: plain(old.outputs) };
        const outputs = await provider.update(this.call(next, "update"), before, plain(next.inputs));
        next.outputs = this.outputs(next, outputs, provider);
        state.settle(next, old);
      } finally {
        state.dropPending(operation);
        await state.save();
      }
      await this.hooks.run("afterUpdate", next, old);
    });
  }

  private call(next: ResourceRecord, timeout: "create" | "update"): CallContext {
    return callContext(this.context, next, timeout);
  }

  private outputs(next: ResourceRecord, outputs: Properties, provider: Provider): Properties {
    return markSecrets(clean(outputs), next.inputs, this.secretKeys(next, provider));
  }

  private secretKeys(next: ResourceRecord, provider: Provider | undefined): string[] {
    return [...(next.additionalSecretOutputs ?? []), ...(provider?.secretOutputs?.(next.type) ?? [])];
  }
}
