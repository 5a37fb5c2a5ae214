/**
 * Puts secret marks back on what a provider answers, since providers work on plain values.
 */
import type { Properties } from "../provider";
import { hasSecret, isObject, isSecret, plain, secret, type Value } from "./values";

/** Pulumi's name for the copy of the inputs that some providers keep among their outputs. */
const INPUTS_COPY = "__inputs";

/** Shorter secrets are too likely to occur by chance in values that are none of them. */
const MINIMUM_TRACED_LENGTH = 8;

/** Marks in `value` what is secret at the same place in `reference`. */
export function annotate(value: Value, reference: Value): Value {
  if (isSecret(reference)) return secret(value);
  if (isObject(value) && isObject(reference)) {
    const annotated: Properties = {};
    for (const [key, part] of Object.entries(value)) {
      annotated[key] = key in reference ? annotate(part, reference[key]) : part;
    }
    return annotated;
  }
  return Array.isArray(value) && hasSecret(reference) ? secret(value) : value;
}

function strings(value: Value, found: Set<string> = new Set()): Set<string> {
  if (typeof value === "string") found.add(value);
  else if (value !== null && typeof value === "object")
    for (const part of Object.values(value)) strings(part, found);
  return found;
}

/** The texts inside of the secrets of a value that are long enough to be recognised elsewhere. */
function secretTexts(value: Value, found: Set<string> = new Set()): Set<string> {
  if (isSecret(value)) {
    for (const text of strings(plain(value))) if (text.length >= MINIMUM_TRACED_LENGTH) found.add(text);
  } else if (value !== null && typeof value === "object") {
    for (const part of Object.values(value)) secretTexts(part, found);
  }
  return found;
}

function taint(value: Value, texts: string[]): Value {
  if (typeof value === "string") return texts.some((text) => value.includes(text)) ? secret(value) : value;
  if (value === null || typeof value !== "object" || isSecret(value)) return value;
  if (Array.isArray(value)) {
    const tainted = value.map((element) => taint(element, texts));
    // Pulumi keeps a list whole: an element that is secret makes the list a secret.
    return hasSecret(tainted) ? secret(value) : value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, taint(part, texts)]));
}

/**
 * The outputs of a provider with every secret marked: where the input of the same name is one, where the text of
 * a secret input turns up under another name, and the properties in `secretKeys` in any case.
 */
export function markSecrets(
  outputs: Properties,
  inputs: Properties,
  secretKeys: readonly string[],
): Properties {
  const texts = [...secretTexts(inputs)];
  const annotated = annotate(outputs, { ...inputs, [INPUTS_COPY]: inputs });
  const marked = texts.length > 0 ? taint(annotated, texts) : annotated;
  for (const key of secretKeys) if (marked[key] !== undefined) marked[key] = secret(marked[key]);
  return marked;
}
