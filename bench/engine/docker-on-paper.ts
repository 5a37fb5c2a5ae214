/** A docker provider that checks and compares as the real one does, and makes nothing. */
import { onPaper } from "../../infra/cli/export/on-paper";
import type { Properties, Provider } from "../../infra/engine/provider";
import { paperProvider } from "../../infra/engine/providers/paper";
import { DEFAULT_PROVIDERS } from "../../infra/engine/run";

export async function dockerOnPaper(configuration: Properties): Promise<Provider> {
  const { check, diff } = await DEFAULT_PROVIDERS.docker(configuration, undefined as never);
  return { ...paperProvider(onPaper.docker), check, diff };
}
