/** Where two objects differ. */
import type { Properties } from "../../provider";
import { isObject, type Value } from "../../wire/values";

export interface Difference {
  /** From the root: keys, and indexes of lists. */
  path: (string | number)[];
  /** A field that is asked for no more. */
  removed: boolean;
  /** The two values; undefined where there is none. */
  old: Value;
  next: Value;
}

/** Every place, as deep as both sides go together, at which `next` is not as `old`. */
export function differences(old: Properties, next: Properties): Difference[] {
  return compare(old, next, []);
}

function compare(old: Value, next: Value, path: Difference["path"]): Difference[] {
  if (old === next) return [];
  if (isObject(old) && isObject(next)) {
    const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
    return [...keys].flatMap((key) => compare(old[key], next[key], [...path, key]));
  }
  if (Array.isArray(old) && Array.isArray(next)) {
    const length = Math.max(old.length, next.length);
    return Array.from({ length }, (_, index) => compare(old[index], next[index], [...path, index])).flat();
  }
  return [{ path, removed: next === undefined, old, next }];
}
