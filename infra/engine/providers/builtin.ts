/**
 * Pulumi's own package: references to other stacks, and values that are kept.
 */
import { randomUUID } from "node:crypto";
import type { DiffResult, Properties, Provider, ProviderFactory } from "../provider";
import { equal, hasSecret } from "../wire/values";

const STACK_REFERENCE = "pulumi:pulumi:StackReference";
const STASH = "pulumi:index:Stash";

const unchanged: DiffResult = {
  changed: false,
  changedKeys: [],
  replaceKeys: [],
  deleteBeforeReplace: false,
  stables: [],
};

function refuse(type: string): never {
  throw new Error(`${type} can only be read, by its name. Write new pulumi.StackReference(name).`);
}

export const createBuiltinProvider: ProviderFactory = (_configuration, host): Provider => {
  const reference = async (name: string): Promise<Properties> => {
    const outputs = await host.readStack(name);
    const secretOutputNames = Object.keys(outputs).filter((key) => hasSecret(outputs[key]));
    return { name, outputs, secretOutputNames: secretOutputNames.sort() };
  };
  return {
    async check({ type }, _old, inputs) {
      if (type !== STASH) refuse(type);
      const failures = "input" in inputs ? [] : [{ property: "input", reason: "is required" }];
      return { inputs, failures };
    },
    async diff(_context, old, next) {
      if (equal(old.inputs.input, next.input)) return unchanged;
      return { ...unchanged, changed: true, changedKeys: ["input"], stables: ["output"] };
    },
    async create(_context, { input }) {
      return { id: randomUUID(), outputs: { input, output: input } };
    },
    async update(_context, old, { input }) {
      return { input, output: old.outputs.output }; // what was kept first stays
    },
    async delete() {},
    async read({ type }, id, inputs, outputs) {
      if (type === STASH) return { id, inputs, outputs };
      if (type !== STACK_REFERENCE) throw new Error(`Pulumi has no resource type ${type}.`);
      return { id, inputs, outputs: await reference(String(inputs.name ?? id)) };
    },
    async invoke(token, args) {
      if (token !== "pulumi:pulumi:readStackOutputs") throw new Error(`Pulumi has no function ${token}.`);
      return reference(String(args.name));
    },
  };
};
