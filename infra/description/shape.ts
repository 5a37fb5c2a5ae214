/** The right fields with the right types: zod's findings in our words, and what is left of a description beside them. */
import type { z } from "zod";
import { nearestOf, oneOf } from "../../components/fields";
import { member, type Problems } from "../../components/problems";
import { fieldsOf, isObject, recordValue } from "./layers";
import { otherSpellings, spellings, suggestion, unitOf } from "./units";

type Issue = z.core.$ZodIssue;

/**
 * Records everything whose shape is wrong.
 *
 * @param placeholders what to take for top-level parts that are missing or wrong as a whole.
 * @returns what the schema makes of the rest, with wrong values left out; undefined when nothing is left.
 */
export function checkShape<S extends z.ZodType>(
  problems: Problems,
  schema: S,
  input: unknown,
  placeholders: Record<string, unknown> = {},
): z.output<S> | undefined {
  let rest = copyOf(input);
  for (;;) {
    const parsed = schema.safeParse(rest, { reportInput: true });
    if (parsed.success) {
      return parsed.data;
    }
    for (const issue of parsed.error.issues.flatMap(inUnions)) {
      const steps = issue.path as (string | number)[];
      for (const told of sentencesOf(schema, issue)) {
        // What is missing only as it was left out, or because of it, is no news.
        if (!problems.areAbout(told.path)) {
          problems.add(told.path, told.rule, told.got, told.fix);
        }
      }
      if (steps.length === 0 && issue.code !== "unrecognized_keys") {
        return undefined;
      }
      rest =
        issue.code === "unrecognized_keys"
          ? renamed(schema, rest, issue)
          : leftOut(rest, steps, placeholders);
    }
  }
}

/** A value that may be of several kinds: what is wrong with the kind that it comes closest to. */
function inUnions(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") {
    return [issue];
  }
  const inner = issue.errors.find((issues) => isObject(issue.input) && !issues.some(isOfWrongType));
  const own = (inner ?? []).map((one) => ({ ...one, path: [...issue.path, ...one.path] }) as Issue);
  return inner === undefined ? [issue] : own.flatMap(inUnions);
}

function isOfWrongType({ code, path }: Issue): boolean {
  return code === "invalid_type" && path.length === 0;
}

interface Told {
  path: string;
  rule: string;
  got: unknown;
  fix: string;
}

function sentencesOf(schema: z.ZodType, issue: Issue): Told[] {
  const steps = issue.path as (string | number)[];
  const path = steps.reduce<string>(member, "");
  const { input: got } = issue;
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(fieldsOf(schemaAt(schema, steps)) ?? {});
    return issue.keys.map((key) => ({
      path: member(path, key),
      rule: "is no known field",
      got: brief((got as Record<string, unknown>)[key]),
      fix: oneOf(key, known, (name) => name),
    }));
  }
  if (issue.code === "custom") {
    const { rule, fix } = (issue.params ?? {}) as { rule?: string; fix?: string };
    return [{ path, got, rule: rule ?? issue.message, fix: fix ?? "" }];
  }
  const siblings = Object.keys(fieldsOf(schemaAt(schema, steps.slice(0, -1))) ?? {});
  return [{ path, got: brief(got), ...ruleOf(issue, String(steps.at(-1) ?? ""), siblings, got) }];
}

function ruleOf(
  issue: Issue,
  field: string,
  siblings: string[],
  got: unknown,
): { rule: string; fix: string } {
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const rule = got === undefined ? "must be given" : `must be one of ${values.join(", ")}`;
    return { rule, fix: `Write "${nearestOf(String(got ?? ""), values) ?? values[0]}".` };
  }
  const expected = expectations(issue);
  if (got === undefined) {
    return { rule: "must be given", fix: `Write ${exampleFor(expected, got)}.` };
  }
  if (issue.code === "too_small" || issue.code === "too_big") {
    const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
    return {
      rule: `must be at ${issue.code === "too_small" ? "least" : "most"} ${bound}`,
      fix: `Write ${bound}.`,
    };
  }
  const words = expected.map((type) => TYPES[type]?.words ?? type).join(" or ");
  if (expected.includes("number") && typeof got === "string" && unitOf(field) !== undefined) {
    const { bare, unit } = unitOf(field)!;
    return { rule: "must be a number without unit", fix: `Write ${bare}: ${suggestion(got, unit)}.` };
  }
  const plain = siblings.find((name) => unitOf(name)?.bare === field);
  if (plain !== undefined && typeof got === "number") {
    const { text, number } = spellings(got, unitOf(plain)!.unit);
    return { rule: "must be text with a unit", fix: `Write ${text}, or ${plain}: ${number}.` };
  }
  return { rule: `must be ${words}`, fix: `Write ${exampleFor(expected, got)}.` };
}

const TYPES: Record<string, { words: string; example: string }> = {
  string: { words: "text", example: "it in quotes" },
  number: { words: "a number", example: "a number" },
  int: { words: "a whole number", example: "a whole number" },
  boolean: { words: "true or false", example: "true or false" },
  array: { words: "a list", example: "a list, such as []" },
  object: { words: "an object", example: "an object, such as {}" },
  record: { words: "an object", example: "an object, such as {}" },
};

function expectations(issue: Issue): string[] {
  if (issue.code === "invalid_union") {
    return [...new Set(issue.errors.flatMap((issues) => issues.filter(isOfWrongType).flatMap(expectations)))];
  }
  if (issue.code === "invalid_type") {
    return [issue.expected];
  }
  return issue.code === "invalid_format" ? [`of the form ${issue.format}`] : ["something else"];
}

/** The value itself in the wanted type, where that is plain; else an example. */
function exampleFor(expected: string[], got: unknown): string {
  if (expected.includes("string") && (typeof got === "number" || typeof got === "boolean")) {
    return JSON.stringify(String(got));
  }
  if (expected.includes("number") && typeof got === "string" && /^-?\d+(\.\d+)?$/.test(got)) {
    return got;
  }
  if (expected.includes("boolean") && ["yes", "no", "true", "false", "on", "off"].includes(String(got))) {
    return ["yes", "true", "on"].includes(String(got)) ? "true" : "false";
  }
  if (expected.includes("array") && ["string", "number"].includes(typeof got)) {
    return JSON.stringify([got]);
  }
  return expected.map((type) => TYPES[type]?.example ?? "another value").join(" or ");
}

/** A value for a message: objects and lists by their kind, since what is in them may be long, or secret. */
function brief(got: unknown): unknown {
  return typeof got === "object" && got !== null ? Symbol(Array.isArray(got) ? "a list" : "an object") : got;
}

/** The schema of the value at a place. */
function schemaAt(schema: z.ZodType, steps: (string | number)[]): z.ZodType | undefined {
  return steps.reduce<z.ZodType | undefined>((at, step) => fieldsOf(at)?.[step] ?? recordValue(at), schema);
}

/** Takes mistyped fields as what they were probably meant to be, so that nothing is told to be missing for them. */
function renamed(schema: z.ZodType, rest: unknown, issue: Issue & { code: "unrecognized_keys" }): unknown {
  const steps = issue.path as (string | number)[];
  const known = Object.keys(fieldsOf(schemaAt(schema, steps)) ?? {});
  const object = valueAt(rest, steps);
  if (!isObject(object)) {
    // Another problem has it taken out already.
    return rest;
  }
  for (const key of issue.keys) {
    const meant = nearestOf(key, known);
    const taken =
      meant !== undefined && [meant, ...otherSpellings(meant)].some((name) => object[name] !== undefined);
    if (meant !== undefined && !taken) {
      object[meant] = object[key];
    }
    delete object[key];
  }
  return rest;
}

/** Takes out the member of an object that a place is, or lies in: to take it out of a list would move the others. */
function leftOut(rest: unknown, steps: (string | number)[], placeholders: Record<string, unknown>): unknown {
  const last = steps.at(-1)!;
  const above = steps.slice(0, -1);
  const object = valueAt(rest, above);
  if (!isObject(object)) {
    return object === undefined ? rest : leftOut(rest, above, placeholders);
  }
  const missing = object[last] === undefined;
  delete object[last];
  if (steps.length === 1) {
    object[last] = placeholders[last];
    return missing && object[last] === undefined ? undefined : rest;
  }
  return missing ? leftOut(rest, above, placeholders) : rest;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(copyOf);
  }
  const copied = isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return copied ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)])) : value;
}

function valueAt(value: unknown, steps: (string | number)[]): unknown {
  return steps.reduce<unknown>(
    (at, step) => (at as Record<string | number, unknown> | undefined)?.[step],
    value,
  );
}
