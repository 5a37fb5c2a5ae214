/** The JSON Schema of a description, for editors, and for whoever wants to know a default. */
import * as path from "node:path";
import { z } from "zod";
import { architectureSchema } from "../architecture";
import { type FieldDoc, readDocstrings } from "./docstrings";

export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  required?: string[];
}

/** Where it stands in the repository. */
export const SCHEMA_FILE = "docs/architecture.schema.json";

const COMPONENTS = path.resolve(__dirname, "../../components");

/** The schema, each field with what its docstring says. */
export function architectureJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(architectureSchema, { io: "input" }) as JsonSchema;
  const docs = readDocstrings(COMPONENTS, path.join(COMPONENTS, "policies"));
  for (const [name, { properties = {} }] of Object.entries(schema.$defs ?? {})) {
    for (const [field, property] of Object.entries(properties)) {
      const doc = docs.get(name)?.get(field);
      if (doc !== undefined) {
        describe(property, doc);
      }
    }
  }
  return schema;
}

function describe(property: JsonSchema, { text, defaultValue, defaultWords }: FieldDoc): void {
  const words = defaultWords === undefined ? "" : `Default: ${defaultWords}.`;
  property.description ??= [text, words].filter((part) => part !== "").join(" ");
  if (defaultValue !== undefined) {
    property.default = defaultValue;
  }
  const [, least, most] = /(\d+) to (\d+)/.exec(text) ?? [];
  if (property.type === "number" && least !== undefined) {
    Object.assign(property, { type: "integer", minimum: Number(least), maximum: Number(most) });
  }
}
