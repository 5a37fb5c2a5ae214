/** The files that are put into a container before it starts. */
import { readFile } from "node:fs/promises";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { type CheckFailure, type Properties, UNKNOWN } from "../../provider";

const EXECUTABLE = 0o744;
const PLAIN = 0o644;

/** One archive, so that the daemon is asked once. */
export async function uploadFiles(container: Docker.Container, uploads: Properties[]): Promise<void> {
  const archive = pack();
  for (const upload of uploads) {
    const header = {
      name: upload.file.replace(/^\//, ""),
      mode: upload.permissions
        ? Number.parseInt(upload.permissions, 8)
        : upload.executable
          ? EXECUTABLE
          : PLAIN,
      uid: Number(upload.owner ?? 0),
      gid: Number(upload.group ?? 0),
      mtime: new Date(),
    };
    archive.entry(header, await contentOf(upload));
  }
  archive.finalize();
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: "/" });
}

async function contentOf({ content, contentBase64, source }: Properties): Promise<Buffer> {
  if (source) return readFile(source);
  return contentBase64 ? Buffer.from(contentBase64, "base64") : Buffer.from(content ?? "");
}

/** What is wrong with the uploads of a container's inputs. */
export function refuseUploads(inputs: Properties): CheckFailure[] {
  if (!Array.isArray(inputs.uploads)) return [];
  const failures = inputs.uploads.flatMap((upload: Properties | string, index): CheckFailure[] => {
    if (upload === UNKNOWN) return [];
    const given = ["content", "contentBase64", "source"].filter(
      (key) => (upload as Properties)[key] !== undefined,
    );
    if (given.length === 1) return [];
    const got = given.length ? given.join(" and ") : "none";
    const reason = `needs exactly one of content, contentBase64 and source, got ${got}`;
    return [{ property: `uploads[${index}]`, reason }];
  });
  if (inputs.readOnly === true && inputs.uploads.length > 0) {
    const advice =
      "write them into a volume by a second container that is never started, and mount that volume";
    failures.push({ property: "uploads", reason: `cannot be written while readOnly is true: ${advice}` });
  }
  return failures;
}
