/**
 * Programs by chance, and the edits that people make to them between two runs. Nothing in here knows the engine.
 */
import * as fc from "fast-check";

export type Kind = "thing" | "single" | "group";

/** One resource of a program. Others are named by their keys, which stay through renames. */
export interface Spec {
  key: string;
  name: string;
  /** A `single` is of a type whose provider wants the old one deleted before the new one is made; a `group` is a component. */
  kind: Kind;
  /** A group. */
  parent?: string;
  /** What it takes a value of that changes with each update of theirs, and which updates it. */
  soft: string[];
  /** What it takes the id of, and is made anew for when that changes. */
  hard: string[];
  /** What it only comes after. */
  after: string[];
  deletedWith?: string;
  value: number;
  immutable: number;
  deleteBeforeReplace?: boolean;
  retain: boolean;
  protect: boolean;
}

/** In an order in which they can be made. */
export type Program = readonly Spec[];

interface Draft {
  kind: Kind;
  parent: number | undefined;
  soft: number[];
  hard: number[];
  after: number[];
  deletedWith: number | undefined;
  deleteBeforeReplace: boolean | undefined;
  retain: boolean;
  protect: boolean;
}

type Edit =
  | { what: "value" | "immutable" | "rename" | "remove" | "protect" | "retain" | "free"; at: number }
  | { what: "order"; at: number; deleteBeforeReplace: boolean | undefined }
  | { what: "parent"; at: number; parent: number | undefined }
  | { what: "wire"; at: number; draft: Draft }
  | { what: "move" | "add"; at: number; to: number; draft: Draft };

export interface RunPlan {
  edits: Edit[];
  parallel: number;
  /** The how-manieth create, update or delete fails, and whether a create leaves something half-made. */
  failure: { at: number; isHalfMade: boolean } | undefined;
}

export interface Scenario {
  drafts: Draft[];
  runs: RunPlan[];
  /** How long calls take, by chance. */
  jitter: number;
}

const place = fc.nat({ max: 20 });
const few = fc.array(place, { maxLength: 2 });
const rarely = fc.nat({ max: 11 }).map((number) => number === 11);
const maybe = fc.option(place, { nil: undefined, freq: 2 });
const order = fc.constantFrom(undefined, true, true, false);
const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom<Kind>("thing", "thing", "thing", "single", "group"),
  ...{ parent: maybe, soft: few, hard: fc.array(place, { maxLength: 3 }), after: few },
  deletedWith: fc.option(place, { nil: undefined, freq: 2 }),
  ...{ deleteBeforeReplace: order, retain: rarely, protect: rarely },
});
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ what: fc.constantFrom("value", "immutable", "immutable", "rename", "remove"), at: place }),
  fc.record({ what: fc.constantFrom("protect", "retain", "free", "free"), at: place }),
  fc.record({ what: fc.constant("order"), at: place, deleteBeforeReplace: order }),
  fc.record({ what: fc.constant("parent"), at: place, parent: maybe }),
  fc.record({ what: fc.constant("wire"), at: place, draft }),
  fc.record({ what: fc.constantFrom("move", "add"), at: place, to: place, draft }),
) as fc.Arbitrary<Edit>;

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  drafts: fc.array(draft, { minLength: 1, maxLength: 9 }),
  runs: fc.array(
    fc.record({
      edits: fc.array(edit, { maxLength: 4 }),
      parallel: fc.integer({ min: 1, max: 5 }),
      failure: fc.option(fc.record({ at: fc.nat({ max: 8 }), isHalfMade: fc.boolean() }), {
        nil: undefined,
        freq: 2,
      }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  jitter: fc.nat(),
});

/** Writes programs; each resource that it makes has a key of its own. */
export class Author {
  private made = 0;

  /** A program of these drafts. */
  begin(drafts: readonly Draft[]): Program {
    return drafts.reduce<Program>((program, each) => this.insert(program, program.length, each), []);
  }

  edit(program: Program, change: Edit): Program {
    const at = change.at % Math.max(program.length, 1);
    if (change.what === "add") return this.insert(program, change.to % (program.length + 1), change.draft);
    if (program.length === 0) return program;
    const before = program[at];
    const others = program.filter((spec) => spec !== before);
    if (change.what === "remove") return tidy(others);
    if (change.what === "move") return tidy(others.toSpliced(change.to % program.length, 0, before));
    // It needs no more what now is made anew, and may be asked for before, during or after that.
    const freed = change.what === "free" ? before.hard : [];
    const renewed = program.map((spec) =>
      freed.includes(spec.key) ? { ...spec, immutable: spec.immutable + 1 } : spec,
    );
    return tidy(renewed.with(at, this.changed(before, change, program.slice(0, at))));
  }

  private changed(before: Spec, change: Edit, earlier: Program): Spec {
    switch (change.what) {
      case "value":
      case "immutable":
        return { ...before, [change.what]: before[change.what] + 1 };
      case "protect":
      case "retain":
        return { ...before, [change.what]: before.kind !== "group" && !before[change.what] };
      case "free":
        return { ...before, hard: [], deletedWith: undefined };
      case "rename":
        return { ...before, name: `${before.key}_${this.made++}` };
      case "order":
        return { ...before, deleteBeforeReplace: change.deleteBeforeReplace };
      case "parent":
        return { ...before, parent: pick(earlier, change.parent) };
      case "wire":
        return { ...before, ...wired(change.draft, earlier) };
      default:
        return before;
    }
  }

  private insert(program: Program, at: number, { kind, parent, ...rest }: Draft): Program {
    const earlier = program.slice(0, at);
    const key = `${kind[0]}${this.made++}`;
    const isGroup = kind === "group";
    const spec: Spec = {
      ...{ key, name: key, kind, value: 0, immutable: 0, deleteBeforeReplace: rest.deleteBeforeReplace },
      ...{ parent: pick(earlier, parent), ...wired(rest, earlier) },
      ...{ retain: rest.retain && !isGroup, protect: rest.protect && !isGroup },
    };
    return tidy(program.toSpliced(at, 0, spec));
  }
}

function pick(program: Program, number: number | undefined): string | undefined {
  return number === undefined || program.length === 0 ? undefined : program[number % program.length].key;
}

function wired(draft: Pick<Draft, "soft" | "hard" | "after" | "deletedWith">, earlier: Program) {
  const all = (numbers: number[]) => numbers.flatMap((number) => pick(earlier, number) ?? []);
  return {
    ...{ soft: all(draft.soft), hard: all(draft.hard), after: all(draft.after) },
    deletedWith: pick(earlier, draft.deletedWith),
  };
}

/** The program without what cannot be: references to what comes later, is gone, or is of the wrong kind. */
function tidy(program: Program): Program {
  const earlier = new Map<string, Kind>();
  return program.map((spec) => {
    const among = (keys: string[], ...kinds: Kind[]) =>
      [...new Set(keys)].filter((key) => kinds.includes(earlier.get(key)!));
    const one = (key: string | undefined, ...kinds: Kind[]) => among(key ? [key] : [], ...kinds)[0];
    const isGroup = spec.kind === "group";
    const tidied: Spec = {
      ...spec,
      parent: one(spec.parent, "group"),
      soft: isGroup ? [] : among(spec.soft, "thing", "single"),
      hard: isGroup ? [] : among(spec.hard, "thing", "single"),
      after: among(spec.after, "thing", "single", "group"),
      deletedWith: isGroup ? undefined : one(spec.deletedWith, "thing", "single"),
    };
    earlier.set(spec.key, spec.kind);
    return tidied;
  });
}

/** All that it comes after in its program. */
export function needs({ parent, soft, hard, after, deletedWith }: Spec): string[] {
  return [...soft, ...hard, ...after, ...(parent ? [parent] : []), ...(deletedWith ? [deletedWith] : [])];
}
