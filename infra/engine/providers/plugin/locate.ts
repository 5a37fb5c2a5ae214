/**
 * Where the program of an installed provider plugin is.
 */
import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import * as path from "node:path";

export interface Wanted {
  package: string;
  /** Undefined when the program does not say. */
  version: string | undefined;
  /** Folder of Pulumi.yaml. */
  directory: string;
}

/** A command that starts a plugin. */
export type Command = readonly [string, ...string[]];

/** Pulumi's name of the package that dynamic providers belong to. */
const DYNAMIC = "pulumi-nodejs";

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function executableIn(folder: string, name: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  return endings.map((ending) => path.join(folder, name + ending)).find(isExecutable);
}

function numbers(version: string): number[] {
  return version.split(/[.+-]/).slice(0, 3).map(Number);
}

function compare(left: string, right: string): number {
  const [a, b] = [numbers(left), numbers(right)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : a[at] - b[at];
}

/** Versions of a plugin in the folder that Pulumi installs to, oldest first. */
function installed(name: string): { version: string; folder: string }[] {
  const home = process.env.PULUMI_HOME || path.join(homedir(), ".pulumi");
  const folder = path.join(home, "plugins");
  const prefix = `resource-${name}-v`;
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((entry) => entry.startsWith(prefix) && !/\.(lock|partial)$/.test(entry))
    .map((entry) => ({ version: entry.slice(prefix.length), folder: path.join(folder, entry) }))
    .sort((left, right) => compare(left.version, right.version));
}

/**
 * The command of a plugin: one on the PATH, whatever its version, as with Pulumi's CLI; else the wanted version of those
 * that are installed, or the newest that is newer. Undefined when there is none.
 */
export function locatePlugin({ package: name, version, directory }: Wanted): Command | undefined {
  if (name === DYNAMIC) {
    const script = createRequire(path.join(directory, "package.json")).resolve(
      "@pulumi/pulumi/cmd/dynamic-provider",
    );
    return [process.execPath, script];
  }
  const binary = `pulumi-resource-${name}`;
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    const found = folder && executableIn(folder, binary);
    if (found) return [found];
  }
  const candidates = installed(name).filter((each) => !version || compare(each.version, version) >= 0);
  const exact = candidates.find((each) => each.version === version);
  const chosen = exact ?? candidates.at(-1);
  const found = chosen && executableIn(chosen.folder, binary);
  return found ? [found] : undefined;
}
