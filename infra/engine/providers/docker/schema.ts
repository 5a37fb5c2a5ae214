/**
 * Tables that say what a resource type takes: from one table come the check of a program's inputs, the stored
 * defaults (in the form in which the docker plugin stores them, so that it can take a stack over) and the diff.
 */
import { type CheckFailure, type Properties, UNKNOWN } from "../../provider";

/** Key under which the plugin's bridge names the properties that the program left to their defaults. */
export const DEFAULTS_KEY = "__defaults";

type Kind = "text" | "number" | "flag" | "map" | "list" | "set" | "object";

export interface PropertySchema {
  kind: Kind;
  required?: boolean;
  /** What holds when the program gives nothing; zero, false and "" are shown in outputs, but not stored as inputs. */
  fallback?: string | number | boolean;
  /** Whether another value asks for a new resource; otherwise it is updated in place. */
  replaces?: boolean;
  /** Of a list or set. */
  items?: PropertySchema;
  /** Of an object. */
  fields?: Schema;
  /** Why a value is refused, or undefined when it is fine. */
  refuse?(value: never): string | undefined;
  /** Part of the resource type, but not served by this provider. */
  unsupported?: boolean;
  /** Not known to every build of the plugin: shown in outputs only when it is given. */
  recent?: boolean;
}

export type Schema = Record<string, PropertySchema>;

type Options = Omit<PropertySchema, "kind" | "items" | "fields">;

export const text = (options: Options = {}): PropertySchema => ({ kind: "text", ...options });
export const number = (options: Options = {}): PropertySchema => ({ kind: "number", ...options });
export const flag = (options: Options = {}): PropertySchema => ({ kind: "flag", ...options });
export const map = (options: Options = {}): PropertySchema => ({ kind: "map", ...options });
export const object = (fields: Schema, options: Options = {}): PropertySchema => ({
  kind: "object",
  fields,
  ...options,
});
/** A list whose order counts. */
export const list = (items: PropertySchema, options: Options = {}): PropertySchema => ({
  kind: "list",
  items,
  ...options,
});
/** A list whose order does not count. */
export const set = (items: PropertySchema, options: Options = {}): PropertySchema => ({
  kind: "set",
  items,
  ...options,
});

/** Checks that fit several properties. */
export const oneOf =
  (...allowed: string[]) =>
  (value: string): string | undefined =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(", ")}, got "${value}"`;

export const atLeast =
  (minimum: number) =>
  (value: number): string | undefined =>
    value >= minimum ? undefined : `must be ${minimum} or more, got ${value}`;

/** Key-value pairs as Docker's labels are written in the docker package. */
export const labelSet = (): PropertySchema =>
  set(object({ label: text({ required: true }), value: text({ required: true }) }), { replaces: true });

export const labelMap = (labels: { label: string; value: string }[] | undefined): Record<string, string> =>
  Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value]));

/** The inputs to store: typed, complete with defaults; what is wrong goes to `failures`. */
export function checkInputs(
  schema: Schema,
  oldInputs: Properties | undefined,
  newInputs: Properties,
  failures: CheckFailure[],
  path = "",
): Properties {
  const inputs: Properties = {};
  for (const [key, value] of Object.entries(newInputs)) {
    if (key === DEFAULTS_KEY || value === undefined || value === null) continue;
    const property = Object.hasOwn(schema, key) ? schema[key] : undefined;
    const where = path ? `${path}.${key}` : key;
    if (!property) failures.push({ property: where, reason: "is not a property of this resource type" });
    else if (property.unsupported) failures.push({ property: where, reason: UNSUPPORTED });
    else inputs[key] = checkValue(property, value, failures, where);
  }
  const defaults: string[] = [];
  for (const [key, property] of Object.entries(schema)) {
    if (key in inputs) continue;
    if (property.required) {
      const reason = "is missing: write a value for it";
      failures.push({ property: path ? `${path}.${key}` : key, reason });
    }
    if (!property.fallback) continue;
    const keepsOld = oldInputs?.[DEFAULTS_KEY]?.includes(key) && oldInputs[key] !== undefined;
    inputs[key] = keepsOld ? oldInputs?.[key] : property.fallback;
    defaults.push(key);
  }
  inputs[DEFAULTS_KEY] = defaults.sort();
  return inputs;
}

const UNSUPPORTED = "is not served by the embedded engine: leave it out, or deploy with the Pulumi CLI";

function checkValue(
  property: PropertySchema,
  value: unknown,
  failures: CheckFailure[],
  path: string,
): unknown {
  if (value === UNKNOWN) return value;
  const fail = (reason: string): unknown => {
    failures.push({ property: path, reason });
    return value;
  };
  const converted = CONVERSIONS[property.kind](value);
  if (converted === undefined) return fail(`must be ${NAMES[property.kind]}, got ${JSON.stringify(value)}`);
  const reason = property.refuse?.(converted as never);
  if (reason) return fail(reason);
  if (property.items) {
    const { items } = property;
    return (converted as unknown[]).map((item, index) =>
      checkValue(items, item, failures, `${path}[${index}]`),
    );
  }
  if (property.fields) {
    return checkInputs(property.fields, undefined, converted as Properties, failures, path);
  }
  return converted;
}

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const array = (value: unknown) => (Array.isArray(value) ? value : undefined);
const scalarText = (value: unknown) =>
  ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;

/** From what a program may give to what is stored, as the plugin converts; undefined: cannot be converted. */
const CONVERSIONS: Record<Kind, (value: unknown) => unknown> = {
  text: scalarText,
  number: (value) => (value !== "" && Number.isFinite(Number(scalarText(value))) ? Number(value) : undefined),
  flag: (value) => ({ true: true, false: false })[String(value)],
  map: (value) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scalarText(item) ?? item]))
      : undefined,
  list: array,
  set: array,
  object: (value) => (isObject(value) ? value : undefined),
};

const NAMES: Record<Kind, string> = {
  text: "a string",
  number: "a number",
  flag: "true or false",
  map: "an object of strings",
  list: "a list",
  set: "a list",
  object: "an object",
};

/** Top-level properties whose values differ; what is empty, zero or false is the same as what is not there. */
export function changedProperties(schema: Schema, oldInputs: Properties, newInputs: Properties): string[] {
  return Object.keys(schema).filter((key) => {
    const [before, after] = [oldInputs[key], newInputs[key]].map((value) => canonical(schema[key], value));
    return before !== after || after?.includes(UNKNOWN);
  });
}

/** A text that is the same for values that mean the same, undefined for an empty one. */
function canonical(property: PropertySchema, value: unknown): string | undefined {
  if (value === undefined || value === null || value === false || value === 0 || value === "")
    return undefined;
  if (Array.isArray(value) && property.items) {
    const { items } = property;
    const texts = value.map((item) => canonical(items, item) ?? "null");
    if (property.kind === "set") texts.sort();
    return texts.length ? `[${texts.join()}]` : undefined;
  }
  if (isObject(value)) {
    const texts = Object.keys(value)
      .filter((key) => key !== DEFAULTS_KEY)
      .sort()
      .map((key) => [key, property.fields?.[key] ? canonical(property.fields[key], value[key]) : value[key]])
      .filter(([, text]) => text !== undefined)
      .map(([key, text]) => `${JSON.stringify(key)}:${property.fields ? text : JSON.stringify(text)}`);
    return texts.length ? `{${texts.join()}}` : undefined;
  }
  return JSON.stringify(value);
}

/** Inputs as the plugin's outputs show them: every property there, without the lists of defaults. */
export function asOutputs(schema: Schema, inputs: Properties): Properties {
  const shown = Object.entries(schema).filter(([key, { recent }]) => !recent || inputs[key] !== undefined);
  return Object.fromEntries(shown.map(([key, property]) => [key, outputOf(property, inputs[key])]));
}

const EMPTY: Partial<Record<Kind, unknown>> = { text: "", list: [], set: [] };

function outputOf(property: PropertySchema, value: unknown): unknown {
  if (value === undefined || value === null) return property.fallback ?? EMPTY[property.kind] ?? null;
  const { items, fields } = property;
  if (items && Array.isArray(value)) return value.map((item) => outputOf(items, item));
  return fields && isObject(value) ? asOutputs(fields, value) : value;
}
