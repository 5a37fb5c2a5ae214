/** The root file system that all stand-ins are made from: Debian's smallest, by debootstrap. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type Docker from "dockerode";
import { followOutput } from "../build-image";
import { canInstallPackages, execute, findProgram, installPackages, isRoot, readIfPresent } from "../host";
import { debianRelease } from "./recipes";

/** Not below /tmp, which is often mounted without device files. */
const workFolder = "/var/tmp";

/** What a package manager leaves and no image needs. */
const leftOut = [
  "./dev/*",
  "./proc/*",
  "./sys/*",
  "./var/cache/apt/*",
  "./var/lib/apt/lists/*",
  "./var/log/*",
  "./usr/share/doc/*",
  "./usr/share/info/*",
  "./usr/share/locale/*",
  "./usr/share/man/*",
];

/** Makes the root file system and imports it under the given name. */
export async function importDebian(
  docker: Docker,
  image: { reference: string; architecture: string; labels: Record<string, string>; filesFolder: string },
  report: (line: string) => void,
): Promise<void> {
  await requireDebootstrap(report);
  const folder = fs.mkdtempSync(path.join(workFolder, "flotilla-debian-"));
  try {
    const mirror = hostMirror();
    const options = ["--variant=minbase", "--include=ca-certificates", `--arch=${image.architecture}`];
    const target = [debianRelease, folder, ...(mirror === undefined ? [] : [mirror])];
    await execute(findProgram("debootstrap")!, [...options, ...target], report);
    fs.cpSync(image.filesFolder, folder, { recursive: true });
    await importFolder(docker, folder, image, report);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function requireDebootstrap(report: (line: string) => void): Promise<void> {
  if (isRoot() && findProgram("debootstrap") === undefined && canInstallPackages()) {
    await installPackages(["debootstrap", "debian-archive-keyring"], report);
  }
  if (!isRoot() || findProgram("debootstrap") === undefined) {
    throw new Error(
      "No image registry answers the Docker daemon, and stand-ins for its images can only be made by root on a " +
        'machine with "debootstrap". Give the daemon access to an image registry, then run "npm run clean" and try again.',
    );
  }
}

async function importFolder(
  docker: Docker,
  folder: string,
  image: { reference: string; labels: Record<string, string> },
  report: (line: string) => void,
): Promise<void> {
  const exclusions = leftOut.map((pattern) => `--exclude=${pattern}`);
  const tar = spawn("tar", ["--create", "--numeric-owner", ...exclusions, "--directory", folder, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [repository, tag] = image.reference.split(":");
  const labels = Object.entries(image.labels).map(([name, value]) => `LABEL ${name}=${value}`);
  const output = await docker.importImage(tar.stdout, {
    repo: repository,
    tag,
    changes: ["CMD bash", ...labels],
  });
  await followOutput(docker, output, report);
  if (tar.exitCode) {
    throw new Error(`"tar" failed (${tar.exitCode}) on ${folder}.`);
  }
}

/** The mirror that this machine has its own Debian packages from; another release's is as good. */
function hostMirror(): string | undefined {
  const lists = "/etc/apt/sources.list.d";
  const files = fs.existsSync(lists) ? fs.readdirSync(lists).sort() : [];
  const texts = ["/etc/apt/sources.list", ...files.map((file) => path.join(lists, file))]
    .filter((file) => /\.(list|sources)$/.test(file))
    .map((file) => readIfPresent(file) ?? "");
  return findMirror(texts.join("\n\n"));
}

/** The mirror of the release in the text of apt's source lists, in either of their formats. */
export function findMirror(sources: string): string | undefined {
  const line = new RegExp(
    `^deb\\s+(?:\\[[^\\]]*\\]\\s+)?(https?://\\S+)\\s+${debianRelease}\\s.*\\bmain\\b`,
    "m",
  );
  const stanza = sources.split(/\n\s*\n/).find((text) => {
    const suites = /^Suites:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
    return /^Types:.*\bdeb\b/m.test(text) && suites.includes(debianRelease) && !/^Enabled:\s*no/m.test(text);
  });
  const uri = stanza === undefined ? undefined : /^URIs:\s*(https?:\/\/\S+)/m.exec(stanza)?.[1];
  return line.exec(sources)?.[1] ?? uri;
}
