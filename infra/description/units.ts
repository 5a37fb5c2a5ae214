/**
 * Sizes and durations as text. One rule for all: a field whose name ends with its unit (`memoryMiB: 256`) also goes by the
 * bare name, as text with a unit (`memory: "256MiB"`).
 */
import { z } from "zod";

type Unit = "MiB" | "KiB" | "Millicores" | "Seconds";

interface UnitSpec {
  /** What one of each unit is worth in the field's own. */
  factors: Record<string, number>;
  /** The same for what people write instead. */
  others: Record<string, number>;
  /** The unit to write when none or another one was. */
  usual: string;
  example: string;
}

/** A CPU's unit may be left out: `"0.5"` is half a core. */
const UNITS: Record<Unit, UnitSpec> = {
  MiB: {
    factors: { MiB: 1, GiB: 1024, TiB: 1024 * 1024 },
    others: { "": 1, k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 },
    usual: "MiB",
    example: "256MiB",
  },
  KiB: {
    factors: { KiB: 1, MiB: 1024, GiB: 1024 * 1024 },
    others: { "": 1, k: 1, m: 1024, g: 1024 * 1024 },
    usual: "KiB",
    example: "64KiB",
  },
  Millicores: { factors: { m: 1, "": 1000 }, others: { c: 1000 }, usual: "m", example: "250m" },
  Seconds: {
    factors: { s: 1, m: 60, h: 3600 },
    others: { "": 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 },
    usual: "s",
    example: "5s",
  },
};

type Shape = Record<string, z.ZodType>;
type Bare<S> = { [K in keyof S as K extends `${infer B}${Unit}` ? B : never]: z.ZodOptional<z.ZodString> };

interface Named {
  /** The field's name without its unit. */
  bare: string;
  unit: Unit;
  usual: string;
  example: string;
}

/** What a field's name says; undefined for one without a unit in its name. */
export function unitOf(field: string): Named | undefined {
  const unit = (Object.keys(UNITS) as Unit[]).find((suffix) => field.endsWith(suffix));
  if (unit === undefined) {
    return undefined;
  }
  const { usual, example } = UNITS[unit];
  return { bare: field.slice(0, -unit.length), unit, usual, example };
}

/** The fields that stand for the same as this one: its bare name, or that with each unit. */
export function otherSpellings(field: string): string[] {
  const bare = unitOf(field)?.bare;
  return bare === undefined ? Object.keys(UNITS).map((unit) => field + unit) : [bare];
}

/** An object of these fields, each of which may be given by its bare name too; what comes out has the plain numbers. */
export function sized<S extends Shape>(shape: S) {
  const pairs = Object.keys(shape).flatMap((field) => {
    const known = unitOf(field);
    return known === undefined ? [] : [{ ...known, field }];
  });
  const bare = pairs.map(({ bare, field, example }) => {
    const text = z.string().optional().describe(`\`${field}\` as text with its unit, e.g. \`"${example}"\`.`);
    return [bare, text] as const;
  });
  const object = z.strictObject({ ...shape, ...Object.fromEntries(bare) } as S & Bare<S>);
  return object.transform((given, context) => {
    const values: Record<string, unknown> = { ...given };
    for (const { bare, field, unit } of pairs) {
      const { [bare]: text } = values;
      delete values[bare];
      if (typeof text !== "string") {
        continue;
      }
      const number = parseQuantity(text, unit);
      const refuse = (rule: string, fix: string) =>
        context.addIssue({ code: "custom", path: [bare], input: text, params: { rule, fix } });
      if (values[field] !== undefined) {
        refuse(`must not be given beside ${field}`, "Take one of the two out.");
      } else if (number === undefined) {
        refuse(`must be ${wordsFor(unit)}`, `Write ${suggestion(text, unit)}.`);
      } else {
        values[field] = number;
      }
    }
    return values as z.output<z.ZodObject<S, z.core.$strict>>;
  });
}

/** A text as the plain number of its field; undefined where the unit is missing or unknown, or it is no whole number. */
function parseQuantity(text: string, unit: Unit): number | undefined {
  const { number, suffix } = split(text);
  const { factors } = UNITS[unit];
  const value = Object.hasOwn(factors, suffix) ? number * factors[suffix] : Number.NaN;
  return Number.isInteger(value) ? value : undefined;
}

function split(text: string): { number: number; suffix: string } {
  const [, digits = "NaN", suffix = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  return { number: Number(digits), suffix };
}

function wordsFor(unit: Unit): string {
  const names = Object.keys(UNITS[unit].factors).filter((name) => name !== "");
  return unit === "Millicores"
    ? `a number of cores, or of thousandths with the unit m, such as "${UNITS[unit].example}"`
    : `a whole number with the unit ${names.join(", ").replace(/, (?=[^,]*$)/, " or ")}`;
}

/** A text as it was probably meant, in the usual unit; else an example. */
export function suggestion(text: string, unit: Unit): string {
  const { factors, others, usual, example } = UNITS[unit];
  const { number, suffix } = split(text.replaceAll(" ", ""));
  const [letter = ""] = suffix.toLowerCase();
  const value = number * (factors[suffix] ?? others[suffix.toLowerCase()] ?? others[letter] ?? Number.NaN);
  return `"${Number.isNaN(value) ? example : `${Math.ceil(value)}${usual}`}"`;
}

/** A bare number as text with a unit, and as a plain number of its field; of a CPU, few are cores. */
export function spellings(number: number, unit: Unit): { text: string; number: number } {
  const cores = unit === "Millicores" && number < 10;
  return cores
    ? { text: `"${number}"`, number: number * 1000 }
    : { text: `"${Math.ceil(number)}${UNITS[unit].usual}"`, number: Math.ceil(number) };
}
