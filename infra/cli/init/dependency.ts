/** How a new project depends on this package, which is a checkout, or installed from wherever it came. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { messageOf, UserError } from "../errors";

const NAME = "flotilla";

/** What of a package.json is read here. */
export interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** This package: the folder of its package.json, and whether it is a checkout with its sources. */
export interface OwnPackage {
  root: string;
  isCheckout: boolean;
}

export function ownPackage(): OwnPackage {
  const above = path.resolve(__dirname, "../../..");
  const isCheckout = existsSync(path.join(above, "package.json"));
  return { root: isCheckout ? above : path.dirname(above), isCheckout };
}

/** The versions that the package.json of a project in this folder names; of a checkout, the folder gets a packed copy. */
export function dependencies(own: OwnPackage, folder: string): Record<string, string> {
  const { version = "", dependencies: ours = {} } = readManifest(path.join(own.root, "package.json"));
  const sdk = "@pulumi/pulumi";
  return {
    [sdk]: ours[sdk]!,
    [NAME]: own.isCheckout ? pack(own.root, folder) : installedAs(own.root, folder, version),
  };
}

export function readManifest(file: string): Manifest & Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${messageOf(error)}`);
  }
}

/** As whoever installed it names it, a file from the project's folder; else by its version. */
function installedAs(root: string, folder: string, version: string): string {
  const modules = path.dirname(root);
  const manifest = path.join(path.dirname(modules), "package.json");
  if (path.basename(modules) !== "node_modules" || !existsSync(manifest)) {
    return version;
  }
  const { dependencies, devDependencies } = readManifest(manifest);
  const named = dependencies?.[NAME] ?? devDependencies?.[NAME] ?? version;
  const file = named.startsWith("file:")
    ? path.resolve(path.dirname(manifest), named.slice("file:".length))
    : undefined;
  return file === undefined ? named : `file:${fromFolder(folder, file)}`;
}

function pack(root: string, folder: string): string {
  // Windows finds npm only by its shell, which wants its arguments quoted.
  const shell = process.platform === "win32";
  const quoted = (word: string) => (shell ? `"${word}"` : word);
  const words = ["pack", quoted(root), "--pack-destination", quoted(folder), "--silent"];
  const output = execFileSync("npm", words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell,
  });
  return `file:${output.trim().split("\n").at(-1)}`;
}

function fromFolder(folder: string, file: string): string {
  return path.relative(folder, file).split(path.sep).join("/");
}
