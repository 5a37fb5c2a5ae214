/** Names stand-ins by what they are made of, so that another recipe, base or certificate makes another image. */
import { createHash } from "node:crypto";
import type { ImageName } from "../../../components/images";
import { type ContextFile, trustContext } from "../certificates";
import { debianRelease, type NpmArchitecture, recipeFiles, standInRecipes } from "./recipes";

/** Docker's words for architectures and npm's. */
const npmArchitectures: Record<string, NpmArchitecture> = { amd64: "x64", arm64: "arm64" };

export class StandInNames {
  readonly npmArchitecture: NpmArchitecture;
  /** Debian's root file system. */
  readonly debian: string;
  /** The same with the certificate authorities of this machine: what all others are made from. */
  readonly base: string;

  /** @param architecture the daemon's, in Docker's words */
  constructor(
    readonly architecture: string,
    readonly certificates: string[],
  ) {
    const npmArchitecture = npmArchitectures[architecture];
    if (npmArchitecture === undefined) {
      const known = Object.keys(npmArchitectures).join(" and ");
      throw new Error(
        `Stand-ins for images are made for ${known}; the Docker daemon runs on ${architecture}.`,
      );
    }
    this.npmArchitecture = npmArchitecture;
    this.debian = reference(
      "debian",
      debianRelease,
      hash([debianRelease, architecture], recipeFiles("debian")),
    );
    this.base =
      certificates.length === 0
        ? this.debian
        : reference("base", debianRelease, hash([this.debian], trustContext(certificates)));
  }

  /**
   * The local name of a stand-in.
   *
   * @example names.of("redis"); // "flotilla.local/stand-in/redis:7.0-1a2b3c4d"
   */
  of(name: ImageName): string {
    const { version, npmPackages = [], madeWith } = standInRecipes[name];
    const packages = npmPackages.map(({ specification }) => specification(this.npmArchitecture));
    const parents = [this.base, ...(madeWith === undefined ? [] : [this.of(madeWith)])];
    return reference(name, version, hash([...parents, version, ...packages], recipeFiles(name)));
  }
}

function reference(name: string, version: string, recipe: string): string {
  return `flotilla.local/stand-in/${name}:${version}-${recipe}`;
}

/** A short hash of parts and files, whatever the files' times are. */
export function hash(parts: string[], files: ContextFile[]): string {
  const digest = createHash("sha256").update(JSON.stringify(parts));
  for (const { path, content, mode } of files) {
    digest.update(`\0${path}\0${mode ?? 0o644}\0`).update(content);
  }
  return digest.digest("hex").slice(0, 8);
}
