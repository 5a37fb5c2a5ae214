/**
 * What a run must come to, by rules that are written down here a second time and on purpose without the engine.
 */
import { needs, type Program, type Spec } from "./programs";

export type Action = "create" | "same" | "update" | "replace";

export interface Foresight {
  actions: Map<string, Action>;
  /** How often each key's old object must be deleted by a call. */
  deletes: Map<string, number>;
  /** Whether something that is protected may stand in the way. */
  mayRefuse: boolean;
  /** What was deleted before its replacement was made although nothing asked for it, or was not although something did. */
  problems: string[];
}

/**
 * @param before the program whose resources are there
 * @param deletedFirst keys of what was seen to be deleted before the new ones were made: which dependents a
 *   replacement takes along can hang on the order of registrations, but only within the rules that are checked here
 */
export function foresee(before: Program, program: Program, deletedFirst: ReadonlySet<string>): Foresight {
  const old = new Map(before.map((spec) => [spec.key, spec]));
  const next = new Map(program.map((spec) => [spec.key, spec]));
  const actions = new Map<string, Action>();
  const roots: string[] = [];
  const problems: string[] = [];
  let mayRefuse = false;
  const isNew = (key: string) => ["create", "replace"].includes(actions.get(key)!);

  for (const spec of program) {
    const was = old.get(spec.key);
    if (!was || spec.kind === "group") {
      actions.set(spec.key, was ? "same" : "create");
      continue;
    }
    const goes = spec.deletedWith !== undefined && actions.get(spec.deletedWith) === "replace";
    const differs = spec.immutable !== was.immutable || !sameKeys(spec.hard, was.hard);
    if (goes || differs || spec.hard.some(isNew)) {
      mayRefuse ||= was.protect && spec.protect;
      // A provider is asked for its wish only where a property differs.
      if (spec.deleteBeforeReplace ?? (spec.kind === "single" && !goes)) roots.push(spec.key);
      actions.set(spec.key, "replace");
    } else if (deletedFirst.has(spec.key)) actions.set(spec.key, "replace");
    else {
      const news = spec.soft.some((key) => actions.get(key) !== "same");
      const changes = spec.value !== was.value || !sameKeys(spec.soft, was.soft) || news;
      actions.set(spec.key, changes ? "update" : "same");
    }
  }

  const takenAlong = (root: string, isTaken: (spec: Spec) => boolean) => {
    const taken = new Set([root]);
    for (const spec of before) {
      const hangs = [...spec.hard, spec.deletedWith].some((key) => key !== undefined && taken.has(key));
      if (hangs && isTaken(spec)) taken.add(spec.key);
    }
    return taken;
  };
  const allowed = new Set<string>();
  for (const root of roots) {
    // Registered after the root for certain, or never: then it is there still when the root goes.
    const must = takenAlong(root, ({ key }) => !next.has(key) || reaches(next, key, root));
    for (const key of must) if (!deletedFirst.has(key)) problems.push(`${key} was not deleted first`);
    for (const key of takenAlong(root, ({ key }) => deletedFirst.has(key))) allowed.add(key);
    for (const key of takenAlong(root, () => true)) mayRefuse ||= key !== root && old.get(key)!.protect;
  }
  for (const key of deletedFirst)
    if (!allowed.has(key)) problems.push(`${key} was deleted first for no reason`);

  const leaves = ({ key }: Spec) =>
    !next.has(key) || (actions.get(key) === "replace" && !deletedFirst.has(key));
  const leaving = new Set(before.filter(leaves).map(({ key }) => key));
  const deletes = new Map<string, number>();
  for (const spec of before) {
    if (spec.kind === "group") continue;
    if (!next.has(spec.key) && !deletedFirst.has(spec.key)) mayRefuse ||= spec.protect;
    const isLeft = spec.retain || (!deletedFirst.has(spec.key) && leaving.has(spec.deletedWith ?? ""));
    const goes = leaving.has(spec.key) || deletedFirst.has(spec.key);
    deletes.set(spec.key, goes && !isLeft ? 1 : 0);
  }
  return { actions, deletes, mayRefuse, problems };
}

function sameKeys(one: readonly string[], other: readonly string[]): boolean {
  return one.join() === other.join();
}

function reaches(program: Map<string, Spec>, from: string, to: string): boolean {
  return from === to || needs(program.get(from)!).some((key) => reaches(program, key, to));
}
