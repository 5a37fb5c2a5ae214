/** Whether an object has to change, and whether that takes a new one. */
import type { CallContext, DiffResult, Properties } from "../../provider";
import { equal, isObject, type Value } from "../../wire/values";
import type { Checkpoint } from "./checkpoint";
import type { Cluster } from "./cluster";
import { type Difference, differences } from "./difference";
import { ApiError, isInvalid, Unreachable } from "./errors";
import { isHeldByPlugin } from "./managed-fields";
import { isAutonamed } from "./naming";
import { normalize } from "./normalize";
import { annotation, type Identity, isPartlyUnknown } from "./objects";
import { prune } from "./prune";
import { isReplacing } from "./replacing";
import type { Settings } from "./settings";
import type { ObjectType } from "./types";

/** Not the object's content: every write changes them. */
const BOOKKEEPING = ["managedFields", "resourceVersion", "generation"];

const IDENTITY = ["name", "namespace"];

export class Differ {
  constructor(
    private readonly cluster: Cluster,
    private readonly type: ObjectType,
    private readonly settings: Settings,
  ) {}

  /**
   * Compares what is asked for with what was last seen of it, and has the server try what is left: fields that it
   * fills in or writes in another way are no change.
   */
  async diff(context: CallContext, old: Checkpoint, newInputs: Properties): Promise<DiffResult> {
    const oldInputs = normalize(old.inputs);
    const next = normalize(newInputs);
    const current = prune(old.live, oldInputs);
    const served = await this.cluster.discovery.find(next.apiVersion, next.kind);
    const isNamespaced = served?.namespaced ?? true;
    for (const object of [current, next]) alignNamespace(object, isNamespaced);
    if (isObject(current.metadata)) current.metadata.name = old.live.metadata.name;

    const changes = differences(current, next).filter(
      // What the program asks for as before, and the server has written otherwise, was settled when it was applied.
      ({ path, removed, next: wanted }) => removed || !equal(valueAt(oldInputs, path), wanted),
    );
    const replaces = changes.filter(isReplacing(this.type, next, this.settings.mutable));
    const isNew = replaces.length > 0;
    const canBeTried = !changes.some(
      ({ path, removed }) => removed || (path[0] === "metadata" && IDENTITY.includes(String(path[1]))),
    );
    if (changes.length > 0 && canBeTried && !isPartlyUnknown(next)) {
      if (await this.changesNothing(context, old, next, isNew)) return unchanged();
    }
    return {
      changed: changes.length > 0,
      changedKeys: topLevel(changes),
      replaceKeys: topLevel(replaces),
      deleteBeforeReplace: isNew && mustGoFirst(old, newInputs, next),
      stables: [],
    };
  }

  /** Has the server say what applying the object would come to. */
  private async changesNothing(
    { signal }: CallContext,
    { live: stored, fieldManager }: Checkpoint,
    next: Properties,
    isNew: boolean,
  ): Promise<boolean> {
    const { apiVersion, kind } = next;
    const { name, namespace } = stored.metadata;
    const identity: Identity = { apiVersion, kind, name, namespace };
    try {
      const live = await this.cluster.get(identity, signal);
      if (!live) return false;
      const force =
        isNew ||
        this.settings.patchForce ||
        annotation(next, "pulumi.com/patchForce") === "true" ||
        (!this.type.isPatch && isHeldByPlugin(live));
      const tried = await this.cluster.apply(identity, next, { fieldManager, force, dryRun: true, signal });
      return equal(content(live), content(tried));
    } catch (error) {
      // It may come back, and a server or an admission webhook may not do dry runs: then the change is as it looks.
      if (error instanceof Unreachable) return false;
      if (error instanceof ApiError && (isNew || !isInvalid(error))) return false;
      throw error;
    }
  }
}

const unchanged = (): DiffResult => ({
  changed: false,
  changedKeys: [],
  replaceKeys: [],
  deleteBeforeReplace: false,
  stables: [],
});

const topLevel = (changes: Difference[]): string[] => [
  ...new Set(changes.map(({ path }) => String(path[0]))),
];

/** A new object under the old one's name can only be made when that is gone; a generated name is made anew. */
function mustGoFirst({ live }: Checkpoint, newInputs: Properties, next: Properties): boolean {
  const { name, namespace } = live.metadata;
  if (isAutonamed(newInputs) || next.metadata.name !== name) return false;
  return namespace === undefined || next.metadata.namespace === namespace;
}

function alignNamespace(object: Properties, isNamespaced: boolean): void {
  if (!isObject(object.metadata)) return;
  const { namespace, ...metadata } = object.metadata;
  object.metadata = isNamespaced ? { ...metadata, namespace: namespace || "default" } : metadata;
}

function valueAt(object: Value, path: Difference["path"]): Value {
  return path.reduce(
    (value, key) => (value === undefined || value === null ? undefined : value[key]),
    object,
  );
}

function content({ metadata, ...object }: Properties): Properties {
  const kept = Object.entries(metadata).filter(([key]) => !BOOKKEEPING.includes(key));
  return { ...object, metadata: Object.fromEntries(kept) };
}
