/** A part of an object that something else has made: some of its fields are held, none of it is deleted. */
import type { CallContext, CheckResult, Properties } from "../../provider";
import { readCheckpoint } from "./checkpoint";
import { ApiError, isInvalid } from "./errors";
import { describe, type Identity } from "./objects";
import { ObjectResource, type StoredState } from "./resource";

export class PatchResource extends ObjectResource {
  override async check(
    context: CallContext,
    oldInputs: Properties | undefined,
    newInputs: Properties,
  ): Promise<CheckResult> {
    if (newInputs.metadata?.name) return super.check(context, oldInputs, newInputs);
    const reason = "is required: a patch needs the name of the object that it changes";
    return { inputs: newInputs, failures: [{ property: "metadata.name", reason }] };
  }

  /** Gives the fields up; those that nobody else holds go, or fall back to their defaults. */
  override async delete(context: CallContext, old: StoredState): Promise<void> {
    const { live, fieldManager } = readCheckpoint(old.outputs, old.inputs);
    const identity = this.identify(live, old.id);
    if (!(await this.cluster.get(identity, context.signal))) return;
    try {
      await this.relinquish(context, identity, fieldManager);
    } catch (error) {
      if (!isInvalid(error)) throw error;
      const fields = (error as ApiError).body.details?.causes?.map(({ field }) => field).join(", ");
      throw new Error(
        `This patch of ${describe(identity)} holds fields that the object cannot be without (${fields}). Set \`retainOnDelete\`, or let another manager hold them first.`,
        { cause: error },
      );
    }
  }

  protected override async beforeCreate(
    identity: Identity,
    _inputs: Properties,
    signal: AbortSignal,
  ): Promise<void> {
    if (await this.cluster.get(identity, signal)) return;
    throw new ApiError(404, {
      message: `There is no ${describe(identity)} to patch. Make it first (dependsOn).`,
    });
  }

  /** Which manager an interrupted create has used is not known, and applying again does no harm. */
  override async recover(): Promise<undefined> {}
}
