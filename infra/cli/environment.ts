/**
 * Where state and secrets are: the user's own backend and passphrase where they are set, else both local.
 * A login that happens to be on the machine is never used.
 */
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { messageOf, UserError } from "./errors";
import type { Project } from "./project";

/** What of the machine decides. */
export interface Machine {
  environment: NodeJS.ProcessEnv;
  /** The user's home folder. */
  home: string;
  platform: NodeJS.Platform;
}

/** The URL of the backend: PULUMI_BACKEND_URL, else a folder in the project (made here, ignored by git). */
export function resolveBackend({ environment }: Machine, project: Project): string {
  if (environment.PULUMI_BACKEND_URL) {
    return environment.PULUMI_BACKEND_URL;
  }
  const folder = path.join(project.directory, ".flotilla", "state");
  mkdirSync(folder, { recursive: true });
  // Pulumi takes the path as it is, without percent-encoding, and with forward slashes on Windows too.
  return `file://${folder.split(path.sep).join("/")}`;
}

/** The passphrase of the secrets: PULUMI_CONFIG_PASSPHRASE or its _FILE, else one that is made once per user. */
export function resolvePassphrase(machine: Machine): string {
  const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = machine.environment;
  if (given !== undefined) {
    return given;
  }
  if (file) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (error) {
      throw new UserError(`PULUMI_CONFIG_PASSPHRASE_FILE cannot be read: ${messageOf(error)}`);
    }
  }
  return ownPassphrase(path.join(configurationFolder(machine), "passphrase"));
}

function configurationFolder({ environment, home, platform }: Machine): string {
  const base =
    platform === "win32"
      ? (environment.APPDATA ?? path.join(home, "AppData", "Roaming"))
      : environment.XDG_CONFIG_HOME || path.join(home, ".config");
  return path.join(base, "flotilla");
}

function ownPassphrase(file: string): string {
  const existing = readIfThere(file);
  if (existing !== undefined) {
    return existing;
  }
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  try {
    // A link never replaces a file: of two commands that start together, the second takes the first one's.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, "utf8").trim();
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
