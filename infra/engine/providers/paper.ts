/**
 * A provider that makes nothing: every resource is at once as the program says.
 */
import type { Properties, Provider } from "../provider";
import { changedKeys } from "../wire/values";

/** What a real provider would compute of a resource's inputs, as far as programs read it. */
export type Computed = (type: string, inputs: Properties) => Properties;

export function paperProvider(computed: Computed): Provider {
  return {
    check: async (_context, _oldInputs, inputs) => ({ inputs, failures: [] }),
    async diff(_context, old, newInputs) {
      const keys = changedKeys(old.inputs, newInputs);
      const changed = keys.length > 0;
      return { changed, changedKeys: keys, replaceKeys: [], deleteBeforeReplace: false, stables: [] };
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
