/**
 * What an up would leave, without doing it: the program runs on a copy of the state, and nothing is made anywhere.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { RunResult } from "./events";
import { loadProject } from "./project/project";
import { type Computed, paperProvider } from "./providers/paper";
import { DEFAULT_PROVIDERS, type RunOptions, run } from "./run";
import { BackendLayout } from "./state/backend";

export interface RehearsalOptions extends Omit<RunOptions, "verb" | "providers" | "rehearsal" | "retain"> {
  /** Packages whose resources are taken as made, and what such a resource would be known by afterwards. */
  onPaper: Record<string, Computed>;
}

/**
 * Runs an up on paper. What the program generates for itself (passwords, keys) is the state's, or new where that has none.
 *
 * @example
 * const { resources } = await rehearse({ ...stack, onPaper: { kubernetes: () => ({}) } });
 */
export async function rehearse({ onPaper, ...options }: RehearsalOptions): Promise<RunResult> {
  const { name } = loadProject(path.resolve(options.directory));
  const folder = mkdtempSync(path.join(tmpdir(), "flotilla-rehearsal-"));
  try {
    const copy = new BackendLayout(pathToFileURL(folder).href, name, options.stack);
    copy.prepare();
    const { checkpointFile } = new BackendLayout(options.backendUrl, name, options.stack);
    if (existsSync(checkpointFile)) copyFileSync(checkpointFile, copy.checkpointFile);
    const papers = Object.entries(onPaper).map(([name, computed]) => [name, () => paperProvider(computed)]);
    return await run({
      ...options,
      ...{ verb: "up", rehearsal: true },
      backendUrl: pathToFileURL(folder).href,
      providers: { ...DEFAULT_PROVIDERS, ...Object.fromEntries(papers) },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
