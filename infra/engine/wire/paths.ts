/**
 * Property paths as resource options write them: `a.b`, `a[0]`, `a["b.c"]`, `a.*`.
 */
import type { Properties } from "../provider";
import { equal, isObject, isSecret, plain, secret, type Value } from "./values";

export function parsePath(path: string): string[] {
  const parts = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...parts].map((part) => part[1] ?? part[2] ?? part[3]);
}

/** The path of a member of the object at `path`. */
export function subPath(path: string, key: string): string {
  if (!/^[^.[\]"*]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}

function copyOld(next: Value, old: Value, path: string[]): void {
  if (next === null || typeof next !== "object") return;
  const [key, ...rest] = path;
  const oldParts = old !== null && typeof old === "object" ? old : {};
  if (key === "*") {
    for (const each of new Set([...Object.keys(next), ...Object.keys(oldParts)])) {
      copyOld(next, old, [each, ...rest]);
    }
  } else if (rest.length > 0) {
    const open = (value: Value) => (isSecret(value) ? value.value : value);
    copyOld(open(next[key]), open(oldParts[key]), rest);
  } else if (key in oldParts) {
    next[key] = oldParts[key];
  } else {
    delete next[key];
  }
}

/** The new inputs with the old values at the paths whose changes the program wants ignored. */
export function ignoreChanges(next: Properties, old: Properties, paths: readonly string[]): Properties {
  const result = structuredClone(next);
  for (const path of paths) copyOld(result, old, parsePath(path));
  return result;
}

function at(value: Value, path: string[]): Value {
  if (path.length === 0 || path[0] === "*") return value;
  return isObject(value) || Array.isArray(value)
    ? at((value as Properties)[path[0]], path.slice(1))
    : undefined;
}

/** What stands at a path; inside of a secret it is one, too. */
export function valueAt(properties: Properties, path: string): Value {
  let isInSecret = false;
  let value: Value = properties;
  for (const part of parsePath(path)) {
    if (isSecret(value)) {
      isInSecret = true;
      value = value.value;
    }
    value = value === null || typeof value !== "object" ? undefined : value[part];
  }
  return isInSecret && value !== undefined ? secret(value) : value;
}

export function changedAt(old: Properties, next: Properties, path: string): boolean {
  const parts = parsePath(path);
  return !equal(at(plain(old), parts), at(plain(next), parts));
}
