/** A Python of this machine that has pip, and folders of Python packages that belong to no checkout. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "./cache.js";
import { canInstallPackages, execute, findProgram, installPackages } from "./host";
import { withLock } from "./lock.js";
import { step } from "./steps.js";

export interface PythonPackages {
  /** The Python to run. */
  program: string;
  /** What its `PYTHONPATH` has to be. */
  folder: string;
}

/**
 * The path of a Python that has pip, installed where the machine has none.
 *
 * @throws Error with `advice` where that cannot be done.
 */
export async function ensurePip(advice: string, report: (line: string) => void): Promise<string> {
  const python = await pythonWithPip();
  if (python !== undefined) {
    return python;
  }
  if (!canInstallPackages()) {
    throw new Error(advice);
  }
  await installPackages(["python3-pip"], report);
  return findProgram("python3")!;
}

/**
 * Installs the packages of a requirements file, each with its hash, once for each content of the file and version of Python.
 *
 * @param name what they are for, as a step names it, e.g. `"the AWS emulator"`
 */
export function ensurePythonPackages(name: string, requirements: string): Promise<PythonPackages> {
  return withLock(path.join(cacheFolder(), "python.lock"), async () => {
    const advice = `${name} needs Python 3 with pip, and this machine has none. Install both.`;
    const program = await ensurePip(advice, () => {});
    const version = await execute(program, ["--version"]);
    const key = createHash("sha256").update(version).update(fs.readFileSync(requirements)).digest("hex");
    const folder = path.join(cacheFolder(), `python-${key.slice(0, 16)}`);
    if (!fs.existsSync(folder)) {
      await step(`Bring the Python packages of ${name} along`, (report) =>
        install(program, requirements, folder, report),
      );
    }
    return { program, folder };
  });
}

/** Installs beside and renames, so that a half of it is never found. */
async function install(
  python: string,
  requirements: string,
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const aside = `${folder}.${process.pid}`;
  try {
    const options = ["--require-hashes", "--only-binary", ":all:", "--no-compile", "--target", aside];
    await execute(python, ["-m", "pip", "install", ...options, "--requirement", requirements], report);
    fs.renameSync(aside, folder);
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
}

async function pythonWithPip(): Promise<string | undefined> {
  const python = findProgram("python3");
  if (python === undefined) {
    return undefined;
  }
  return execute(python, ["-m", "pip", "--version"]).then(
    () => python,
    () => undefined,
  );
}
