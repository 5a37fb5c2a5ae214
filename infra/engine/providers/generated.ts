/**
 * Providers whose resources are values: made once, kept in the state, made anew when what they came from changes.
 */
import { type CheckFailure, type Properties, type Provider, type ResourceState, UNKNOWN } from "../provider";
import { changedKeys } from "../wire/values";

/** One type of such a resource. */
export interface GeneratedKind {
  /** What an input is when it is left out. */
  defaults: Properties;
  required: readonly string[];
  secretOutputs: readonly string[];
  /** Inputs that may change without a new value. */
  updatable?: readonly string[];
  /** Says what is wrong with inputs that are all known. */
  validate?(inputs: Properties): CheckFailure[];
  /** Makes the value; `inputs` have their defaults. The outputs begin with them. */
  generate(inputs: Properties): Promise<ResourceState>;
  /** Output property that tells that the value has to be made anew by now, and whether it does. */
  renewal?: { property: string; isDue(outputs: Properties): boolean };
}

/** Inputs as the kind takes them; the engine's own markers and nulls left out. */
function effective(kind: GeneratedKind, inputs: Properties): Properties {
  const given = Object.entries(inputs).filter(([key, value]) => value !== null && !key.startsWith("__"));
  return { ...kind.defaults, ...Object.fromEntries(given) };
}

function isKnown(inputs: Properties): boolean {
  return !JSON.stringify(inputs).includes(UNKNOWN);
}

export function generatedProvider(packageName: string, kinds: Record<string, GeneratedKind>): Provider {
  const kindOf = (type: string): GeneratedKind => {
    const kind = kinds[type];
    if (!kind) {
      throw new Error(
        `The embedded engine's ${packageName} provider has no ${type} (it has ${Object.keys(kinds).join(", ")}). Use Pulumi's CLI for this program.`,
      );
    }
    return kind;
  };
  return {
    async check({ type }, _old, inputs) {
      const kind = kindOf(type);
      const missing = kind.required
        .filter((property) => inputs[property] === undefined || inputs[property] === null)
        .map((property) => ({ property, reason: "is required" }));
      const invalid = missing.length === 0 && isKnown(inputs) ? kind.validate?.(effective(kind, inputs)) : [];
      return { inputs, failures: [...missing, ...(invalid ?? [])] };
    },
    async diff({ type }, old, inputs) {
      const kind = kindOf(type);
      const keys = changedKeys(effective(kind, old.inputs), effective(kind, inputs));
      const due = kind.renewal?.isDue({ ...old.outputs, ...effective(kind, inputs) })
        ? [kind.renewal.property]
        : [];
      const replaceKeys = [...keys.filter((key) => !kind.updatable?.includes(key)), ...due];
      return {
        changed: keys.length > 0 || due.length > 0,
        changedKeys: [...keys, ...due],
        replaceKeys,
        deleteBeforeReplace: false,
        stables: Object.keys(old.outputs).filter((key) => !(key in inputs)),
      };
    },
    async create({ type }, inputs) {
      const kind = kindOf(type);
      const asked = effective(kind, inputs);
      const { id, outputs } = await kind.generate(asked);
      return { id, outputs: { ...asked, ...outputs } };
    },
    async update({ type }, old, inputs) {
      return { ...old.outputs, ...effective(kindOf(type), inputs) };
    },
    async delete() {},
    async read({ type }, id, inputs, outputs) {
      const { renewal } = kindOf(type);
      return {
        id,
        inputs,
        outputs: renewal ? { ...outputs, [renewal.property]: renewal.isDue(outputs) } : outputs,
      };
    },
    async invoke(token) {
      throw new Error(`The embedded engine's ${packageName} provider has no function ${token}.`);
    },
    secretOutputs: (type) => [...kindOf(type).secretOutputs],
  };
}
