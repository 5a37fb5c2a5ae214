/**
 * In what the embedded engine may differ from Pulumi's CLI, and why.
 */
import { isObject, type Value } from "../wire/values";
import type { Outcome } from "./outcome";

/** Rules in which resources do not depend on one another, so that neither engine has them in a certain order. */
const INDEPENDENT = [
  "an alias by URN, type and parent",
  "an explicit provider configures its resources",
  "destroy keeps the excluded and what they need",
];

/** An outcome with its calls in the recorded order, where they have none of their own. */
export function inOrder(rule: string, found: Outcome, recorded: Outcome): Outcome {
  const same = INDEPENDENT.includes(rule) && isSameSet(found.calls, recorded.calls);
  return same ? { ...found, calls: recorded.calls } : found;
}

/** The outcome of the embedded engine, with what is recorded in the place of differences that are allowed. */
export function allowed(rule: string, ours: Outcome, recorded: Outcome): Outcome {
  return {
    ...inOrder(rule, ours, recorded),
    differences: tellsMore(ours, recorded) ? recorded.differences : ours.differences,
    resources: withSecretsOf(ours.resources, recorded.resources),
  };
}

/** A refresh of ours tells of outputs, too, where the CLI tells of the inputs alone; either makes no call. */
function tellsMore(ours: Outcome, recorded: Outcome): boolean {
  if (ours.calls.length > 0 || ours.differences.length !== recorded.differences.length) return false;
  return recorded.differences.every((theirs, index) => {
    const [name, keys] = theirs.split(": ");
    const [ourName, ourKeys] = ours.differences[index].split(": ");
    return name === ourName && keys.split(", ").every((key) => ourKeys.split(", ").includes(key));
  });
}

function isSameSet(left: string[], right: string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());
}

/**
 * The embedded engine seals more than the CLI: a whole list for the sake of one element, and the text of a secret
 * wherever a provider repeats it. It never seals less.
 */
function withSecretsOf(ours: Value, theirs: Value): Value {
  if (isSealed(ours) && !isSealed(theirs)) {
    return JSON.stringify(opened(ours)) === JSON.stringify(opened(theirs)) ? theirs : ours;
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    return ours.map((part, index) => withSecretsOf(part, theirs[index]));
  }
  if (!isObject(ours) || !isObject(theirs)) return ours;
  return Object.fromEntries(
    Object.entries(ours).map(([key, part]) => [key, withSecretsOf(part, theirs[key])]),
  );
}

function isSealed(value: Value): boolean {
  return isObject(value) && Object.keys(value).length === 1 && "secret" in value;
}

function opened(value: Value): Value {
  if (isSealed(value)) return opened(value.secret);
  if (Array.isArray(value)) return value.map(opened);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, opened(part)]));
}
