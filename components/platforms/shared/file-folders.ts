import * as path from "node:path";
import { RunError } from "@pulumi/pulumi/errors";
import type { FileSpec } from "../../container-spec";

/**
 * Files by the folder that they lie in.
 *
 * @throws RunError when a folder has both live files and others: it is mounted as a whole where one of them is live.
 */
export function byFolder(owner: string, files: FileSpec[]): Map<string, FileSpec[]> {
  const folders = new Map<string, FileSpec[]>();
  for (const file of files) {
    const folder = path.posix.dirname(file.path);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  for (const own of folders.values()) {
    if (own.some(({ live }) => live) && !own.every(({ live }) => live)) {
      const paths = own.map((file) => file.path).join(", ");
      throw new RunError(`${owner}: a folder's files must all be live or none of them (${paths})`);
    }
  }
  return folders;
}
