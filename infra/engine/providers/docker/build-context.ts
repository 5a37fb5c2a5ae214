/** The archive of files that a build is made from. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import dockerignore from "@balena/dockerignore";
import tarFs from "tar-fs";

export interface BuildContext {
  archive: NodeJS.ReadableStream;
  /** The Dockerfile's path within the archive. */
  dockerfile: string;
}

/** Packs a folder without what its .dockerignore leaves out; the Dockerfile may lie outside of the folder. */
export function packContext(context: string, dockerfile: string): BuildContext {
  const folder = path.resolve(context);
  const file = path.resolve(folder, dockerfile);
  if (!fs.existsSync(folder)) throw new Error(`the build's context ${folder} does not exist`);
  if (!fs.existsSync(file)) throw new Error(`the Dockerfile ${file} does not exist`);
  const relative = path.relative(folder, file).split(path.sep).join("/");
  const outside = relative.startsWith("../");
  const content = outside ? fs.readFileSync(file) : undefined;
  const name = content
    ? `.dockerfile.${createHash("sha256").update(content).digest("hex").slice(0, 12)}`
    : relative;
  const archive = tarFs.pack(folder, {
    ignore: ignoredIn(folder, [relative, ".dockerignore"]),
    // Who owns the files on this machine is no part of the image.
    map: (header) => ({ ...header, uid: 0, gid: 0, uname: "", gname: "" }),
    finalize: content === undefined,
    finish: (pack) => {
      if (!content) return;
      pack.entry({ name }, content);
      pack.finalize();
    },
  });
  return { archive: archive as unknown as NodeJS.ReadableStream, dockerfile: name };
}

/** Whether a file is left out, as the daemon's own client decides; `kept` files are always sent. */
export function ignoredIn(folder: string, kept: string[]): (file: string) => boolean {
  const rules = path.join(folder, ".dockerignore");
  if (!fs.existsSync(rules)) return () => false;
  const text = fs.readFileSync(rules, "utf8");
  const filter = dockerignore().add(text);
  const readmits = text.split("\n").some((line) => line.trim().startsWith("!"));
  return (file) => {
    const relative = path.relative(folder, file).split(path.sep).join("/");
    if (relative === "" || kept.includes(relative)) return false;
    // A folder on the way to a file that is sent has to be walked through.
    const leads = kept.some((one) => one.startsWith(`${relative}/`));
    if (leads || (readmits && fs.lstatSync(file).isDirectory())) return false;
    return filter.ignores(relative);
  };
}
