/**
 * What of a resource changes, property by property, for people to read.
 */
import type { ChangeKind, PropertyChange } from "../events";
import { type DetailedDiff, type Properties, UNKNOWN } from "../provider";
import { parsePath, subPath, valueAt } from "../wire/paths";
import { equal, hasUnknown, isObject, isSecret, plain, SIGNATURE, type Value } from "../wire/values";

const MASKED = "[secret]";
const NOT_KNOWN = "[unknown]";

/** A value as it may be shown: secrets masked, and what is not known yet named so. */
export function shown(value: Value): Value {
  if (isSecret(value)) return MASKED;
  if (value === UNKNOWN) return NOT_KNOWN;
  if (Array.isArray(value)) return value.map(shown);
  if (!isObject(value)) return value;
  const { [SIGNATURE]: mark, ...parts } = value;
  if (mark !== undefined && hasUnknown(value)) return NOT_KNOWN;
  return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, shown(part)]));
}

/** The engine's own notes among a resource's properties. */
const isInternal = (key: string) => key.startsWith("__");

function collect(old: Value, next: Value, path: string, found: Map<string, PropertyChange>): void {
  if (equal(plain(old), plain(next))) return;
  const nested = (isObject(old) && isObject(next)) || (Array.isArray(old) && Array.isArray(next));
  const marked = isObject(old) && isObject(next) && (SIGNATURE in old || SIGNATURE in next);
  if (nested && !marked) {
    const [before, after]: Properties[] = [old, next];
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const place = Array.isArray(old) ? `${path}[${key}]` : subPath(path, key);
      if (!isInternal(key)) collect(before[key], after[key], place, found);
    }
    return;
  }
  const had = old !== undefined && old !== null;
  const has = next !== undefined && next !== null;
  const kind = had && has ? "update" : has ? "add" : "delete";
  found.set(path, {
    path,
    kind,
    ...(had ? { old: shown(old) } : {}),
    ...(has ? { new: shown(next) } : {}),
  });
}

function asReplacing(change: PropertyChange, replaceKeys: readonly string[]): PropertyChange {
  const parts = parsePath(change.path);
  const asks = replaceKeys.some((key) => {
    const wanted = parsePath(key);
    return wanted.every((part, index) => parts[index] === part || part === "*");
  });
  if (!asks || change.kind.endsWith("-replace")) return change;
  return { ...change, kind: `${change.kind}-replace` as ChangeKind };
}

/**
 * The differences between two bags of properties, by path; a new value inside of an object is told by its own path.
 * Keys that changed although the values do not show it (a provider knows more) are told with the values at hand.
 */
export function propertyChanges(
  old: Properties,
  next: Properties,
  {
    changedKeys = [],
    replaceKeys = [],
  }: { changedKeys?: readonly string[]; replaceKeys?: readonly string[] } = {},
): PropertyChange[] {
  const found = new Map<string, PropertyChange>();
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (!isInternal(key)) collect(old[key], next[key], subPath("", key), found);
  }
  for (const key of [...changedKeys, ...replaceKeys]) {
    const [top] = parsePath(key);
    if (top === undefined || isInternal(top) || /^[#*]/.test(top)) continue;
    const told = [...found.keys()].some((path) => parsePath(path)[0] === top);
    if (!told) found.set(key, { path: key, kind: "update", old: shown(old[top]), new: shown(next[top]) });
  }
  return [...found.values()].map((change) => asReplacing(change, replaceKeys));
}

/** The differences that a provider tells by itself, with the values at hand. */
export function detailedChanges(
  detailed: DetailedDiff,
  old: { inputs: Properties; outputs: Properties },
  next: Properties,
  replaceKeys: readonly string[],
): PropertyChange[] {
  const changes = Object.entries(detailed).map(([path, { kind, ofInputs }]): PropertyChange => {
    const before = shown(valueAt(ofInputs ? old.inputs : old.outputs, path));
    const after = shown(valueAt(next, path));
    return {
      ...{ path, kind },
      ...(kind.startsWith("add") ? {} : { old: before }),
      ...(kind.startsWith("delete") ? {} : { new: after }),
    };
  });
  return changes.map((change) => asReplacing(change, replaceKeys));
}
