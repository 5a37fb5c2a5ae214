/**
 * Property values as they travel and as the engine keeps them: plain JSON, plus objects that carry a signature
 * and stand for something that JSON lacks (a secret, an output, a reference to a resource).
 */
import type { Properties } from "../provider";
import { UNKNOWN } from "../provider";

export type Value = Properties[string];

export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";

export function isObject(value: Value): value is Properties {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function isSecret(value: Value): boolean {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value: value ?? null };
}

function contains(value: Value, wanted: (part: Value) => boolean): boolean {
  if (wanted(value)) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some((part) => contains(part, wanted));
}

export function hasSecret(value: Value): boolean {
  return contains(value, isSecret);
}

export function hasUnknown(value: Value): boolean {
  return contains(
    value,
    (part) => part === UNKNOWN || (isObject(part) && part[SIGNATURE] === OUTPUT && !("value" in part)),
  );
}

/** Rebuilds a value from its leaves up, passing each object with a signature through `change`. */
export function mapTagged(value: Value, change: (tagged: Properties) => Value): Value {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((element) => mapTagged(element, change));
  const mapped: Properties = {};
  for (const [key, part] of Object.entries(value)) {
    if (part !== undefined) mapped[key] = mapTagged(part, change);
  }
  return SIGNATURE in mapped ? change(mapped) : mapped;
}

/** What a provider sees: no marks, unknowns as the one magic string, a resource as its id. */
export function plain(value: Value): Value {
  return mapTagged(value, (tagged) => {
    switch (tagged[SIGNATURE]) {
      case SECRET:
        return tagged.value;
      case OUTPUT:
        return "value" in tagged ? tagged.value : UNKNOWN;
      case RESOURCE_REFERENCE:
        return "id" in tagged ? tagged.id || UNKNOWN : tagged.urn;
      default:
        return tagged; // assets and archives
    }
  });
}

/** What the state holds: outputs reduced to plain values, secrets and unknowns. */
export function flattenOutputs(value: Value): Value {
  return mapTagged(value, (tagged) => {
    if (tagged[SIGNATURE] !== OUTPUT) return tagged;
    const content = "value" in tagged ? tagged.value : UNKNOWN;
    return tagged.secret ? secret(content) : content;
  });
}

/** Drops what neither protobuf nor JSON can hold: undefined members and functions. */
export function clean(value: Value): Value {
  if (value === null || typeof value !== "object") return value === undefined ? null : value;
  if (Array.isArray(value)) return value.map(clean);
  const cleaned: Properties = {};
  for (const [key, part] of Object.entries(value)) {
    if (part !== undefined && typeof part !== "function") cleaned[key] = clean(part);
  }
  return cleaned;
}

/** Deep equality in which a missing member equals null, as in protobuf. */
export function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") {
    return (left ?? null) === (right ?? null);
  }
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => equal(left[key], right[key]));
}

/** Top-level keys at which two bags of properties differ, marks aside. */
export function changedKeys(old: Properties, next: Properties): string[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...keys].filter((key) => !equal(plain(old[key]), plain(next[key]))).sort();
}
