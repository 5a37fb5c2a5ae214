/** The reference of the description, as a page: a table for each kind of object, from the JSON Schema. */
import type { JsonSchema } from "./json-schema";

/** Where it stands in the repository. */
export const REFERENCE_FILE = "docs/reference.md";

const HEAD = `# Reference of the description

Written by \`npm run schema\` from the schema and the docstrings: change it there. A field whose name ends with its unit
(\`memoryMiB: 256\`) also goes by its bare name, as text with a unit (\`memory: "256MiB"\`). \`npm run explain\` shows a
description with every default filled in.
`;

/** The page, with one section for each object, under the first place where it stands. */
export function referencePage(schema: JsonSchema): string {
  const sections = [...objectsOf(schema, schema, "", new Set())];
  return `${[HEAD, ...sections.map(([place, object]) => section(place, object, schema))].join("\n")}`;
}

/** Every object with fields of its own, with its place, each definition once. */
function* objectsOf(
  schema: JsonSchema,
  part: JsonSchema,
  place: string,
  seen: Set<JsonSchema>,
): Generator<[string, JsonSchema]> {
  const object = resolve(part, schema);
  if (seen.has(object)) {
    return;
  }
  seen.add(object);
  if (object.properties !== undefined) {
    yield [place, object];
  }
  for (const [field, property] of Object.entries(object.properties ?? {})) {
    yield* objectsOf(schema, property, place === "" ? field : `${place}.${field}`, seen);
  }
  if (typeof object.additionalProperties === "object") {
    yield* objectsOf(schema, object.additionalProperties, `${place}.<name>`, seen);
  }
  if (object.items !== undefined) {
    yield* objectsOf(schema, object.items, `${place}[]`, seen);
  }
  for (const option of object.anyOf ?? []) {
    yield* objectsOf(schema, option, place, seen);
  }
}

function resolve(part: JsonSchema, schema: JsonSchema): JsonSchema {
  const name = part.$ref?.replace("#/$defs/", "");
  return name === undefined ? part : schema.$defs![name]!;
}

function section(place: string, { properties = {}, required = [] }: JsonSchema, schema: JsonSchema): string {
  const rows = Object.entries(properties).map(([field, property]) => {
    const fallback = property.default === undefined ? "" : `\`${JSON.stringify(property.default)}\``;
    const cells = [
      `\`${field}\`${required.includes(field) ? " (needed)" : ""}`,
      typeOf(property, schema),
      fallback,
      property.description ?? "",
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const heading = place === "" ? "The whole" : `\`${place}\``;
  const table = ["| field | value | default | |", "| --- | --- | --- | --- |", ...rows];
  return `## ${heading}\n\n${table.join("\n")}\n`;
}

function typeOf(part: JsonSchema, schema: JsonSchema): string {
  const { type, enum: values, anyOf, items, additionalProperties, minimum, maximum } = resolve(part, schema);
  if (part.const !== undefined) {
    return `\`${part.const}\``;
  }
  if (values !== undefined) {
    return values.map((value) => `\`${value}\``).join(", ");
  }
  if (anyOf !== undefined) {
    return anyOf.map((option) => typeOf(option, schema)).join(" or ");
  }
  if (items !== undefined) {
    return `list of ${typeOf(items, schema)}`;
  }
  if (typeof additionalProperties === "object") {
    return `${typeOf(additionalProperties, schema)} by name`;
  }
  const words: Record<string, string> = { string: "text", object: "object", boolean: "true, false" };
  const range =
    minimum === undefined || maximum === undefined || maximum > 1e9 ? "" : ` ${minimum} to ${maximum}`;
  return words[type ?? ""] ?? `number${range}`;
}
