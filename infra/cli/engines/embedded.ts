import { UserError } from "../errors";
import type { Engine } from "./engine";
import { holdsData } from "./retain";

/** Required when first used: it takes longer to load than `help` or `ps` should last. */
const load = (): typeof import("../../engine") => require("../../engine");

/** The engine of this repository, in this process. */
export const embeddedEngine: Engine = {
  async run({ keepData, ...options }) {
    return load().run({ ...options, retain: keepData ? holdsData : undefined });
  },

  async outputs(location) {
    const { stackOutputs, stackResources } = load();
    return (await stackResources(location)).length === 0 ? undefined : stackOutputs(location);
  },

  async remove(location, options) {
    await load().removeStack({ ...location, ...options });
  },

  stacks: (location) => load().listStacks(location),

  exportState: (location, options) => load().exportStack({ ...location, ...options }),

  importState: (location, deployment, options) => load().importStack({ ...location, deployment, ...options }),

  async changeSecretsProvider(location, provider, newPassphrase) {
    if (provider !== "passphrase") {
      throw new UserError(
        `The embedded engine seals secrets by a passphrase only, got "${provider}". Write "passphrase", or use Pulumi's CLI with this stack.`,
      );
    }
    await load().changePassphrase({ ...location, newPassphrase });
  },

  async history(location) {
    const entries = await load().stackHistory(location);
    return entries.map(({ startTime, endTime, ...entry }) => ({
      ...entry,
      startedAt: new Date(startTime * 1000),
      endedAt: new Date(endTime * 1000),
    }));
  },

  async cancel(location) {
    await load().breakLock(location);
  },
};
