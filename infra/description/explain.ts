/** A description with every default filled in, as YAML in which each value says where it comes from. */
import * as fs from "node:fs";
import * as path from "node:path";
import { RunError } from "@pulumi/pulumi/errors";
import { stringify } from "yaml";
import { member } from "../../components/problems";
import { type Described, examine } from "../parse-architecture";
import type { JsonSchema } from "../schema/json-schema";
import { isObject } from "./layers";
import type { Origins } from "./origins";

/** In place of what only the target may know. */
const MASKED = '"[secret]"';

/** Places of secrets, whatever stands there. */
const SECRET = /\.secretFiles(\.|\[)|\.autoscaling\.queue\.password$/;

export interface Explanation {
  /** The whole, with defaults: deploys what the description itself deploys. */
  filled: Record<string, unknown>;
  text: string;
}

/**
 * @param secretOverrides whether what the overrides say is a secret.
 * @throws RunError with every problem of the description.
 */
export function explain(described: Described, overrides: Described, secretOverrides = false): Explanation {
  const { architecture, origins, messages } = examine(described, overrides);
  if (architecture === undefined || messages.length > 0) {
    throw new RunError(messages.join("\n"));
  }
  const { templates: _, ...used } = architecture;
  const schema = JSON.parse(
    fs.readFileSync(path.resolve(__dirname, "../../docs/architecture.schema.json"), "utf8"),
  );
  const filled = withDefaults(used, schema, schema) as Record<string, unknown>;
  const isSecret = (at: string): boolean => {
    return SECRET.test(at) || (secretOverrides && origins.find(at).source === overrides.source);
  };
  const comment = (at: string): string => originOf(at, origins, described, overrides);
  return { filled, text: `${lines(filled, "", "", isSecret, comment).join("\n")}\n` };
}

/** A value with the defaults of what it leaves out. */
function withDefaults(value: unknown, part: JsonSchema, whole: JsonSchema): unknown {
  const options = variants(part, whole);
  if (Array.isArray(value)) {
    const items = options.find((option) => option.items !== undefined)?.items ?? {};
    return value.map((item) => withDefaults(item, items, whole));
  }
  if (!isObject(value)) {
    return value;
  }
  const { properties = {}, additionalProperties } = options.find(({ type }) => type === "object") ?? {};
  const others = typeof additionalProperties === "object" ? additionalProperties : {};
  const given = Object.entries(value).map(([key, inner]) => {
    return [key, withDefaults(inner, properties[key] ?? others, whole)];
  });
  const missing = Object.entries(properties).flatMap(([key, property]) => {
    const isLeftOut = property.default !== undefined && value[key] === undefined;
    return isLeftOut ? [[key, withDefaults(property.default, property, whole)]] : [];
  });
  return Object.fromEntries([...given, ...missing]);
}

/** The forms that a value may have, without references. */
function variants(part: JsonSchema, whole: JsonSchema): JsonSchema[] {
  const referred = part.$ref === undefined ? part : whole.$defs![part.$ref.replace("#/$defs/", "")]!;
  return referred.anyOf === undefined ? [referred] : referred.anyOf.flatMap((one) => variants(one, whole));
}

function originOf(at: string, origins: Origins, described: Described, overrides: Described): string {
  if (!origins.has(at)) {
    return "default";
  }
  const { source, path: written } = origins.find(at);
  if (source === overrides.source) {
    return source.name;
  }
  const [, template] = /^templates\.([^.[]+|\["[^"]*"\])/.exec(written) ?? [];
  const line = described.source.lines?.get(written);
  const file = line === undefined ? source.name : `${source.name}:${line}`;
  return template === undefined ? file : `${file} template ${template}`;
}

/** YAML, a line for each value that is no object. */
function lines(
  value: Record<string, unknown>,
  at: string,
  indent: string,
  isSecret: (at: string) => boolean,
  comment: (at: string) => string,
): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = member(at, key);
    const name = `${indent}${inline(key)}:`;
    if (isObject(inner) && Object.keys(inner).length > 0) {
      return [name, ...lines(inner, path, `${indent}  `, isSecret, comment)];
    }
    if (Array.isArray(inner) && inner.some(isObject)) {
      const items = inner.flatMap((item, index) => {
        const place = member(path, index);
        if (!isObject(item)) {
          return [`${indent}  - ${inline(item)}  # ${comment(path)}`];
        }
        const [first = "{}", ...rest] = lines(item, place, `${indent}    `, isSecret, comment);
        return [`${indent}  - ${first.trimStart()}`, ...rest];
      });
      return [name, ...items];
    }
    return [`${name} ${isSecret(path) ? MASKED : inline(inner)}  # ${comment(path)}`];
  });
}

/** A value on one line. */
function inline(value: unknown): string {
  const text = typeof value === "string" && /[\n\r]/.test(value) ? JSON.stringify(value) : undefined;
  return text ?? stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}
