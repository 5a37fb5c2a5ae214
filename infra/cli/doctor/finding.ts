/** What `doctor` finds out about one thing. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Finding {
  /** `fine`, `note` (works otherwise than one may think), `warning` (will do harm), `problem` (does not work). */
  level: "fine" | "note" | "warning" | "problem";
  /** What is the case, as a sentence without full stop. */
  told: string;
  /** What to do about it; missing where nothing needs to be done. */
  fix?: string;
}

/** A problem with an error's words. */
export function problem(error: unknown, fix: string): Finding {
  return { level: "problem", told: error instanceof Error ? error.message : String(error), fix };
}

/** The first line that a program of the PATH prints; undefined when there is none, or it fails. */
export async function firstLineOf(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    // Windows finds npm only by its shell.
    const shell = process.platform === "win32";
    const { stdout } = await promisify(execFile)(program, args, { env, shell, timeout: 20_000 });
    return stdout.split("\n")[0]!.trim();
  } catch {
    return undefined;
  }
}
