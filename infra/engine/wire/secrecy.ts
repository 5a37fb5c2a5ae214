/**
 * Puts secret marks back on what a provider answers, since providers work on plain values.
 */
import type { Properties } from "../provider";
import { SecretTexts } from "./secret-texts";
import { hasSecret, isObject, isSecret, secret, type Value } from "./values";

/** Pulumi's name for the copy of the inputs that some providers keep among their outputs. */
const INPUTS_COPY = "__inputs";

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

/** Marks each text in a value in which a secret shows. */
export function taint(value: Value, secrets: SecretTexts): Value {
  if (secrets.isEmpty) return value;
  if (typeof value === "string") return secrets.isIn(value) ? secret(value) : value;
  if (value === null || typeof value !== "object" || isSecret(value)) return value;
  if (Array.isArray(value)) {
    const tainted = value.map((element) => taint(element, secrets));
    // Pulumi keeps a list whole: an element that is secret makes the list a secret.
    return hasSecret(tainted) ? secret(value) : value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, taint(part, secrets)]));
}

/**
 * The outputs of a provider with every secret marked: where the input of the same name is one, the properties in
 * `secretKeys` in any case, and wherever the text of one of those turns up.
 */
export function markSecrets(
  outputs: Properties,
  inputs: Properties,
  secretKeys: readonly string[],
): Properties {
  const marked = annotate(outputs, { ...inputs, [INPUTS_COPY]: inputs });
  const secrets = new SecretTexts();
  secrets.learn(inputs);
  for (const key of secretKeys) {
    if (marked[key] === undefined) continue;
    marked[key] = secret(marked[key]);
    // What is not a text has parts that others have, too.
    if (typeof marked[key].value === "string") secrets.learn(marked[key]);
  }
  return taint(marked, secrets);
}
