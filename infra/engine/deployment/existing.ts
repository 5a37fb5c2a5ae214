/**
 * Resources that exist already: those that the program only reads, and those that it takes over.
 */
import { type Provider, UNKNOWN } from "../provider";
import type { ResourceRecord } from "../state/records";
import { clean, plain } from "../wire/values";
import { callContext, type DeploymentContext } from "./context";
import type { Goal } from "./goal";
import { withSecrets } from "./secrets";

export class Existing {
  constructor(private readonly context: DeploymentContext) {}

  /** Reads a resource that stays another's. One that was managed under its name goes, unless it is the same. */
  async read(
    id: string,
    next: ResourceRecord,
    old: ResourceRecord | undefined,
    provider: Provider | undefined,
  ): Promise<void> {
    const { state, reporter } = this.context;
    next.external = true;
    const replaces = old !== undefined && !old.external && old.id !== id;
    const settle = () => {
      if (replaces) old.delete = true;
      state.settle(next, replaces ? undefined : old);
    };
    if (id === UNKNOWN || !provider) {
      settle();
      return reporter.finished("read", next);
    }
    await reporter.step("read", next, {}, async () => {
      const asked = plain(next.inputs);
      const found = await provider.read(callContext(this.context, next), id, asked, asked);
      if (!found) throw new Error(`There is no ${next.type} with the id "${id}".`);
      next.id = found.id;
      next.outputs = withSecrets(found.outputs, next, provider);
      reporter.secrets.learn(next.outputs);
      settle();
      await state.save();
    });
  }

  /** Whether the program wants a resource taken over that it has not taken over yet. */
  isWanted({ importId }: Goal, old: ResourceRecord | undefined): boolean {
    return importId !== "" && (!old || old.external === true || (old.importID ?? old.id) !== importId);
  }

  /** Takes a resource over as it is; what the program wants of it comes after that, as for any other. */
  async import(
    next: ResourceRecord,
    old: ResourceRecord | undefined,
    provider: Provider | undefined,
  ): Promise<ResourceRecord> {
    const { state, reporter } = this.context;
    if (!provider) throw new Error("It cannot be imported before its provider's configuration is known.");
    const imported: ResourceRecord = { ...next };
    await reporter.step("import", imported, {}, async () => {
      const found = await provider.read(callContext(this.context, next), next.importID!, {}, {});
      if (!found) throw new Error(`There is no ${next.type} with the id "${next.importID}" to import.`);
      imported.id = found.id || next.importID;
      imported.inputs = clean(found.inputs);
      imported.outputs = withSecrets(found.outputs, imported, provider);
      reporter.secrets.learn(imported.outputs);
      imported.created = new Date().toISOString();
      imported.modified = imported.created;
      if (old?.external) state.forget(old);
      else if (old) old.delete = true; // it goes at the end of the run, as after a replacement
      state.adopt(imported);
      state.claim(imported);
      await state.save();
    });
    next.created = imported.created;
    next.modified = imported.modified;
    return imported;
  }
}
