/** The image that holds a pod's namespaces: one program of ours. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { imageOf } from "./program-image";

/** Name of the image that has a supervisor's program. */
export function pauseImageName(supervisor: string): string {
  const hash = createHash("sha256").update(fs.readFileSync(supervisor)).digest("hex").slice(0, 12);
  return `flotilla.local/pause:${hash}`;
}

/** The image as `docker save` would write it. */
export function pauseImage(supervisor: string): Promise<Buffer> {
  const files = { supervisor: fs.readFileSync(supervisor) };
  return imageOf(pauseImageName(supervisor), files, { Entrypoint: ["/supervisor", "pause"] });
}
