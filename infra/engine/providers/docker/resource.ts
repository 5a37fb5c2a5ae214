/** What all resource types of the docker provider share: check, auto-naming and diff, from their table. */
import { randomBytes } from "node:crypto";
import type {
  CallContext,
  CheckFailure,
  CheckResult,
  DiffResult,
  Properties,
  RecoveredState,
  ResourceState,
} from "../../provider";
import type { Daemon } from "./daemon";
import { changedProperties, checkInputs, DEFAULTS_KEY, type Schema } from "./schema";

export type StoredState = ResourceState & { inputs: Properties };

/** When an old resource has to go before its replacement can be made; a program may decide otherwise. */
export type ReplacementOrder = "create first" | "delete first" | "delete first unless auto-named";

/** One resource type of package docker. */
export abstract class DockerResource {
  protected abstract readonly schema: Schema;
  /** Whether a resource without a name gets one of its own. */
  protected readonly autoNamed: boolean = true;
  protected readonly replacementOrder: ReplacementOrder = "delete first unless auto-named";

  constructor(protected readonly daemon: Daemon) {}

  abstract create(context: CallContext, inputs: Properties): Promise<ResourceState>;
  abstract update(context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties>;
  abstract delete(context: CallContext, old: StoredState): Promise<void>;
  abstract read(id: string, inputs: Properties, outputs: Properties): Promise<StoredState | undefined>;
  /** What an interrupted create has left. */
  abstract recover(
    context: CallContext,
    inputs: Properties,
    since: Date,
  ): Promise<RecoveredState | undefined>;

  /** What is wrong with inputs beyond the table; not called when the table refuses them. */
  protected refuse(_inputs: Properties): CheckFailure[] {
    return [];
  }

  check(context: CallContext, oldInputs: Properties | undefined, newInputs: Properties): CheckResult {
    const failures: CheckFailure[] = [];
    const named = this.autoNamed && !newInputs.name;
    const proposed = named ? { ...newInputs, name: this.autoName(context.name, oldInputs) } : newInputs;
    const inputs = checkInputs(this.schema, oldInputs, proposed, failures);
    if (named) inputs[DEFAULTS_KEY] = [...inputs[DEFAULTS_KEY], "name"].sort();
    if (failures.length === 0) failures.push(...this.refuse(inputs));
    return { inputs, failures };
  }

  diff(old: StoredState, newInputs: Properties): DiffResult {
    const changedKeys = changedProperties(this.schema, old.inputs, newInputs);
    const replaceKeys = changedKeys.filter((key) => this.schema[key].replaces);
    const replacing = Object.keys(this.schema).filter((key) => this.schema[key].replaces);
    return {
      changed: changedKeys.length > 0,
      changedKeys,
      replaceKeys,
      deleteBeforeReplace: replaceKeys.length > 0 && this.deletesFirst(newInputs),
      stables: replacing.filter((key) => !replaceKeys.includes(key)),
    };
  }

  private deletesFirst(inputs: Properties): boolean {
    if (this.replacementOrder !== "delete first unless auto-named") {
      return this.replacementOrder === "delete first";
    }
    return !inputs[DEFAULTS_KEY]?.includes("name");
  }

  private autoName(logicalName: string, oldInputs: Properties | undefined): string {
    const old = oldInputs?.[DEFAULTS_KEY]?.includes("name") ? oldInputs.name : undefined;
    return old ?? `${logicalName}-${randomBytes(4).toString("hex").slice(0, 7)}`;
  }
}
