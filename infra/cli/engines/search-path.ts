/** The PATH of an environment, whose name Windows writes as it likes. */
import { accessSync, constants } from "node:fs";
import path from "node:path";

/** A copy of the environment in which `folder` is searched first. */
export function withFolderFirst(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const name = pathVariable(environment);
  return { ...environment, [name]: [folder, environment[name]].filter(Boolean).join(path.delimiter) };
}

/** Whether an executable `pulumi` is in one of the folders of the PATH. */
export function pulumiIsOnPath(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  const folders = (environment[pathVariable(environment)] ?? "").split(path.delimiter).filter(Boolean);
  const program = platform === "win32" ? "pulumi.exe" : "pulumi";
  return folders.some((folder) => isExecutable(path.join(folder, program)));
}

function pathVariable(environment: NodeJS.ProcessEnv): string {
  return Object.keys(environment).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
