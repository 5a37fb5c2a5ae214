/** The machine that set-up runs on: what it is, which programs it has, and how they are run. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const quotedLines = 15;

/** Reads the `KEY=value` lines of an os-release file. */
export function parseOsRelease(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^([A-Z_]+)=(["']?)(.*)\2\s*$/.exec(line);
    if (match) {
      fields[match[1]!] = match[3]!;
    }
  }
  return fields;
}

/** Whether an os-release file describes Debian, Ubuntu or a distribution made from them. */
export function isDebianLike(osRelease: Record<string, string>): boolean {
  const families = `${osRelease.ID ?? ""} ${osRelease.ID_LIKE ?? ""}`.split(/\s+/);
  return families.includes("debian") || families.includes("ubuntu");
}

/** The fields of this machine's os-release file, none where it has no such file. */
export function osRelease(): Record<string, string> {
  return parseOsRelease(readIfPresent("/etc/os-release") ?? "");
}

/** Whether this process may do what only root may. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whether packages can be installed here: Debian's tools, and root to run them. */
export function canInstallPackages(): boolean {
  return isRoot() && isDebianLike(osRelease()) && findProgram("apt-get") !== undefined;
}

/** The text of a file, `undefined` when there is none. */
export function readIfPresent(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** The path of an executable, also in root's folders, which a plain user's PATH leaves out. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Runs a program and returns its output; its last lines are part of the error when it fails. */
export async function execute(
  program: string,
  args: string[],
  report: (line: string) => void = () => {},
  environment: Record<string, string> = {},
): Promise<string> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
    shell: process.platform === "win32" && program.endsWith(".cmd"),
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    report(lastLine(text));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
    report(lastLine(text));
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`"${program} ${args.join(" ")}" failed (${code}):\n${lastLines(output + errors)}`);
  }
  return output;
}

/** Installs Debian packages without their recommendations and without a question. */
export async function installPackages(packages: string[], report: (line: string) => void): Promise<void> {
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  await execute("apt-get", ["update"], report, quiet);
  await execute("apt-get", ["install", "-y", "--no-install-recommends", ...packages], report, quiet);
}

/** The end of a program's output, as an error quotes it. */
export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-quotedLines).join("\n");
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
