/** Builds programs from Go modules that only pin what they build, once for each content. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { execute } from "../host";
import { withLock } from "../lock.js";
import { step } from "../steps.js";
import { places } from "./places";
import { ensureToolchain, type Toolchain } from "./toolchain";

export type ProgramName = "kubernetes" | "kwok" | "supervisor";

const hashLength = 12;

/** The release that the module "kubernetes" is pinned to; the programs tell it as theirs. */
const kubernetesVersion = "1.35.4";

const linkerFlags: Record<ProgramName, string[]> = {
  kubernetes: versionFlags(),
  kwok: [],
  supervisor: [],
};

function versionFlags(): string[] {
  const [major, minor] = kubernetesVersion.split(".");
  const values = {
    gitVersion: `v${kubernetesVersion}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
  };
  return Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
}

/** A Go module and what of it is built. */
export interface GoModule {
  /** Tells its builds from others'. */
  name: string;
  /** Where its `go.mod` is. */
  folder: string;
  /** As `go build` takes them; the programs are named as Go does. */
  packages: string[];
  linkerFlags: string[];
}

/** Returns the path of a program of the cluster, built first where its sources or Go have changed. */
export async function ensureProgram(name: ProgramName): Promise<string> {
  const module = { name, folder: path.join(__dirname, name), packages: ["."] };
  return path.join(await ensurePrograms({ ...module, linkerFlags: linkerFlags[name] }), name);
}

/** Returns the folder that holds the programs of a module. */
export async function ensurePrograms(module: GoModule): Promise<string> {
  const toolchain = await ensureToolchain();
  const folder = path.join(places().builds, `${module.name}-${contentHash(module, toolchain)}`);
  if (!fs.existsSync(folder)) {
    await withLock(`${folder}.lock`, async () => {
      if (!fs.existsSync(folder)) {
        await step(`Build ${module.name}`, (report) => build(module, toolchain, folder, report));
      }
    });
  }
  return folder;
}

/** Removes earlier builds of the programs; nothing may run from them. */
export function removeOtherBuilds(programs: string[]): void {
  const { builds } = places();
  const kept = programs.map((program) => path.basename(path.dirname(program)));
  const names = programs.map((program) => path.basename(program)).join("|");
  // A build that is under way has more in the name of its folder.
  const finished = new RegExp(`^(${names})-[0-9a-f]{${hashLength}}$`);
  for (const entry of fs.readdirSync(builds)) {
    if (finished.test(entry) && !kept.includes(entry)) {
      fs.rmSync(path.join(builds, entry), { recursive: true });
    }
  }
}

function contentHash({ folder, linkerFlags }: GoModule, { version }: Toolchain): string {
  const hash = createHash("sha256").update(`${version} ${process.arch} ${linkerFlags.join(" ")}`);
  for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (/(\.go|\/?go\.(mod|sum))$/.test(file) && !file.endsWith("_test.go")) {
      hash.update(`\0${file}\0`).update(fs.readFileSync(path.join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, hashLength);
}

/** Builds beside and renames, so that a half of it is never found. */
async function build(
  { folder: source, packages, linkerFlags }: GoModule,
  { program }: Toolchain,
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const aside = `${folder}.${process.pid}`;
  const environment = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" };
  const flags = ["-ldflags", ["-s", "-w", ...linkerFlags].join(" ")];
  // The clouds' credential plugins and the tracing of calls are of no use to one node.
  const tags = ["-tags", "providerless,grpcnotrace"];
  try {
    await execute(
      program,
      ["-C", source, "build", "-v", "-trimpath", "-buildvcs=false", ...tags, ...flags].concat(
        "-o",
        `${aside}${path.sep}`,
        packages,
      ),
      report,
      environment,
    );
    fs.renameSync(aside, folder);
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
}
