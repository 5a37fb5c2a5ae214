import type { Engine } from "./engine";
import { isLabelledVolume } from "./retain";

/** The engine of this repository, in this process; loaded when it is first used. */
export const embeddedEngine: Engine = {
  showsProgress: false,

  async run({ retainLabel, expectNoChanges: _, ...options }) {
    const { run } = await import("../../engine");
    const retain =
      retainLabel === undefined
        ? undefined
        : ({ type, inputs }: { type: string; inputs: unknown }) =>
            isLabelledVolume(type, inputs, retainLabel);
    return run({ ...options, retain });
  },

  async outputs(location) {
    const { stackOutputs, stackResources } = await import("../../engine");
    return (await stackResources(location)).length === 0 ? undefined : stackOutputs(location);
  },

  async remove(location) {
    const { removeStack } = await import("../../engine");
    await removeStack(location);
  },
};
