/**
 * A provider that makes nothing: every resource is at once as the program says.
 */
import type { Properties, Provider } from "../provider";
import { isObject, type Value } from "../wire/values";

/** What a real provider would compute of a resource's inputs, as far as programs read it. */
export type Computed = (type: string, inputs: Properties) => Properties;

export function paperProvider(computed: Computed): Provider {
  return {
    check: async (_context, _oldInputs, inputs) => ({ inputs, failures: [] }),
    async diff(_context, old, newInputs) {
      const changedKeys = Object.keys(newInputs).filter((key) => !covers(old.inputs[key], newInputs[key]));
      const changed = changedKeys.length > 0;
      return { changed, changedKeys, replaceKeys: [], deleteBeforeReplace: false, stables: [] };
    },
    create: async ({ name, type }, inputs) => ({
      id: name,
      outputs: { ...inputs, ...computed(type, inputs) },
    }),
    update: async ({ type }, _old, inputs) => ({ ...inputs, ...computed(type, inputs) }),
    delete: async () => undefined,
    read: async (_context, id, inputs, outputs) => ({ id, inputs, outputs }),
    invoke: async () => ({}),
  };
}

/** Whether a value of the state says what the program does; the real provider may have added its defaults to it. */
function covers(stored: Value, wanted: Value): boolean {
  if (Array.isArray(wanted)) {
    const same = Array.isArray(stored) && stored.length === wanted.length;
    return same && wanted.every((part, index) => covers(stored[index], part));
  }
  if (isObject(wanted)) {
    return isObject(stored) && Object.keys(wanted).every((key) => covers(stored[key], wanted[key]));
  }
  return (stored ?? null) === (wanted ?? null);
}
