/** One description from several layers: what a service says itself, over its templates, under the stack's overrides. */
import { z } from "zod";
import { oneOf } from "../../components/fields";
import { member, type Problems } from "../../components/problems";
import { type Origin, Origins, pathsOf, type Source } from "./origins";
import { otherSpellings } from "./units";

type Value = Record<string, unknown>;

interface Layer extends Origin {
  value: unknown;
}

/** Fields of which one is given: a layer that gives one takes the others away from those below it. */
const ALTERNATIVES = [
  ["image", "build"],
  ["http", "grpc", "tcp", "exec"],
];

/**
 * Merges objects member by member, anything else as a whole, and remembers where each value comes from.
 *
 * @param schema of a service, so that its fields are told from the names in it.
 */
export function compose(
  problems: Problems,
  schema: z.ZodType,
  described: { input: unknown; source: Source },
  overrides: { input: unknown; source: Source },
): { input: unknown; origins: Origins } {
  const { input, source } = described;
  const origins = new Origins(source);
  if (!isObject(input)) {
    return { input, origins };
  }
  const { services, ...others } = input;
  for (const path of pathsOf(isObject(services) ? others : input, "")) {
    origins.set(path, { source, path });
  }
  if (!isObject(services)) {
    return { input, origins };
  }
  origins.set("services", { source, path: "services" });
  const over = isObject(overrides.input) ? overrides.input : {};
  for (const name of Object.keys(over).filter((key) => !Object.hasOwn(services, key))) {
    const at = member(OVERRIDES, name);
    origins.set(at, { source: overrides.source, path: name });
    problems.add(at, "names an unknown service", name, oneOf(name, Object.keys(services)));
  }
  if (!isObject(overrides.input)) {
    const fix = "Write for example { users: { replicas: 2 } }.";
    origins.set(OVERRIDES, { source: overrides.source, path: "" });
    problems.add(OVERRIDES, "must be an object of services", overrides.input, fix);
  }
  const merged = Object.entries(services).map(([name, service]) => {
    const path = member("services", name);
    const own = { value: service, source, path };
    const above = Object.hasOwn(over, name)
      ? [{ value: over[name], source: overrides.source, path: member("", name) }]
      : [];
    if (above.some(({ value }) => isObject(value) && Object.hasOwn(value, "extends"))) {
      const at = `${member(OVERRIDES, name)}.extends`;
      origins.set(at, { source: overrides.source, path: `${name}.extends` });
      const { extends: wanted } = above[0].value as Value;
      problems.add(at, "must not be given in overrides", wanted, "Write the template's fields instead.");
    }
    const layers = [...templatesOf(problems, input, own), own, ...above];
    const value = merge(layers, schema, path, origins);
    if (isObject(value)) {
      origins.set(path, own);
    }
    return [name, isObject(value) ? without(value, "extends") : value];
  });
  return { input: { ...input, services: Object.fromEntries(merged) }, origins };
}

/** Path under which problems of the overrides as such are kept until they are told. */
const OVERRIDES = "overrides";

/** The templates that a layer extends, the most general one first. */
function templatesOf(problems: Problems, description: Value, layer: Layer, trail: string[] = []): Layer[] {
  const wanted = isObject(layer.value) ? layer.value.extends : undefined;
  if (wanted === undefined) {
    return [];
  }
  const at = `${layer.path}.extends`;
  const templates = isObject(description.templates) ? description.templates : {};
  if (typeof wanted !== "string" || !Object.hasOwn(templates, wanted)) {
    const known = Object.keys(templates);
    const fix = known.length === 0 ? "Add it to templates." : oneOf(String(wanted), known);
    problems.add(at, "must be the name of a template", wanted, fix);
    return [];
  }
  if (trail.includes(wanted)) {
    const circle = [...trail.slice(trail.indexOf(wanted)), wanted].join(" → ");
    problems.add(at, "must not go in a circle", circle, "Take one of them out.");
    return [];
  }
  const path = member("templates", wanted);
  const template = { value: templates[wanted], source: layer.source, path };
  return [...templatesOf(problems, description, template, [...trail, wanted]), template];
}

/** The value of layers, of which the last one is the uppermost. */
function merge(layers: Layer[], schema: z.ZodType | undefined, path: string, origins: Origins): unknown {
  const { value, source, path: writtenAt } = layers.at(-1)!;
  for (const inner of isObject(value) ? [""] : pathsOf(value, "")) {
    origins.set(path + inner, { source, path: writtenAt + inner });
  }
  if (!isObject(value)) {
    return value;
  }
  const firstObject = layers.findLastIndex((layer) => !isObject(layer.value)) + 1;
  const objects = layers.slice(firstObject) as (Layer & { value: Value })[];
  const fields = fieldsOf(schema);
  const keys = new Set(objects.flatMap((layer) => Object.keys(layer.value)));
  const merged = [...keys].flatMap((key) => {
    const others = fields === undefined ? [] : alternativesOf(key);
    const cleared = objects.findLastIndex(({ value }) => others.some((other) => Object.hasOwn(value, other)));
    const giving = objects.filter(({ value }, index) => Object.hasOwn(value, key) && index >= cleared);
    const parts = giving.map(({ value, source, path }) => {
      return { value: value[key], source, path: member(path, key) };
    });
    const inner = fields === undefined ? recordValue(schema) : fields[key];
    return parts.length === 0 ? [] : [[key, merge(parts, inner, member(path, key), origins)]];
  });
  return Object.fromEntries(merged);
}

function alternativesOf(key: string): string[] {
  const group = ALTERNATIVES.find((names) => names.includes(key)) ?? [];
  return [...group.filter((name) => name !== key), ...otherSpellings(key)];
}

/** The fields of an object's schema; undefined for one whose keys are names, and for anything else. */
export function fieldsOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  const object = variants(schema).find((one) => one instanceof z.ZodObject);
  return object?.shape as Record<string, z.ZodType> | undefined;
}

/** The schema of what a record or a list holds. */
export function recordValue(schema: z.ZodType | undefined): z.ZodType | undefined {
  for (const one of variants(schema)) {
    if (one instanceof z.ZodRecord) {
      return one.valueType as z.ZodType;
    }
    if (one instanceof z.ZodArray) {
      return one.element as z.ZodType;
    }
  }
  return undefined;
}

/** What a schema takes, without the wrappings around it. */
function variants(schema: z.ZodType | undefined): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return variants(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) {
    return variants(schema.in as z.ZodType);
  }
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => variants(option as z.ZodType));
  }
  return schema === undefined ? [] : [schema];
}

function without(value: Value, key: string): Value {
  const { [key]: _, ...others } = value;
  return others;
}

export function isObject(value: unknown): value is Value {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
