import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import dockerignore from "@balena/dockerignore";
import { RunError } from "@pulumi/pulumi/errors";
import type { ImageBuild } from "../../platform";

/**
 * Names what goes into a build: file contents, executable bits and links, the Dockerfile, arguments (and so the base
 * images), stage and platform. Never times, so that a fresh clone gives the same name.
 *
 * @throws RunError when the context or the Dockerfile is missing.
 */
export function contextHash(build: ImageBuild): string {
  const context = path.resolve(build.context);
  const dockerfile = path.join(context, build.dockerfile);
  if (!fs.existsSync(dockerfile)) {
    const missing = path.join(build.context, build.dockerfile);
    throw new RunError(`There is no ${missing} to build. Correct build.context or build.dockerfile.`);
  }
  const hash = createHash("sha256");
  const { args, target, platform } = build;
  hash.update(JSON.stringify({ args: Object.entries(args).sort(), target, platform }));
  hash.update(fs.readFileSync(dockerfile));
  for (const file of contextFiles(context)) {
    const full = path.join(context, file);
    const stat = fs.lstatSync(full);
    const executable = (stat.mode & 0o111) !== 0 && stat.isFile();
    const kind = stat.isSymbolicLink() ? "link" : executable ? "program" : "file";
    const content = stat.isSymbolicLink() ? fs.readlinkSync(full) : fs.readFileSync(full);
    hash.update(`\0${file}\0${kind}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Paths of all files that the builder is sent, sorted, with forward slashes. */
function contextFiles(context: string): string[] {
  const ignoreFile = path.join(context, ".dockerignore");
  const ignore = dockerignore();
  if (fs.existsSync(ignoreFile)) {
    ignore.add(fs.readFileSync(ignoreFile, "utf8"));
  }
  const walk = (folder: string): string[] =>
    fs.readdirSync(path.join(context, folder), { withFileTypes: true }).flatMap((entry) => {
      const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(file) : ignore.ignores(file) ? [] : [file];
    });
  return walk("").sort();
}

/** Names of the `ARG`s that a Dockerfile declares. */
export function declaredArgs(build: Pick<ImageBuild, "context" | "dockerfile">): string[] {
  const dockerfile = path.join(path.resolve(build.context), build.dockerfile);
  const text = fs.existsSync(dockerfile) ? fs.readFileSync(dockerfile, "utf8") : "";
  return [...text.matchAll(/^\s*ARG\s+(\w+)/gim)].map((match) => match[1]);
}
