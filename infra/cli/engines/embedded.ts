import type { Engine } from "./engine";
import { holdsData } from "./retain";

/** Required when first used: it takes longer to load than `help` or `ps` should last. */
const load = (): typeof import("../../engine") => require("../../engine");

/** The engine of this repository, in this process. */
export const embeddedEngine: Engine = {
  showsProgress: false,

  async run({ keepData, expectNoChanges: _, ...options }) {
    return load().run({ ...options, retain: keepData ? holdsData : undefined });
  },

  async outputs(location) {
    const { stackOutputs, stackResources } = load();
    return (await stackResources(location)).length === 0 ? undefined : stackOutputs(location);
  },

  async remove(location) {
    await load().removeStack(location);
  },
};
