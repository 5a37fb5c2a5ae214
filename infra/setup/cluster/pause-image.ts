/** The image that holds a pod's namespaces: one program of ours in a Docker archive. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

/** Go's names of the architectures that Node runs on. */
const architectures: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** Name of the image that has a supervisor's program. */
export function pauseImageName(supervisor: string): string {
  const hash = createHash("sha256").update(fs.readFileSync(supervisor)).digest("hex").slice(0, 12);
  return `flotilla.local/pause:${hash}`;
}

/** The image as `docker save` would write it. */
export async function pauseImage(supervisor: string): Promise<Buffer> {
  const layer = await archive({ supervisor: fs.readFileSync(supervisor) });
  const config = JSON.stringify({
    architecture: architectures[process.arch],
    os: "linux",
    config: { Entrypoint: ["/supervisor", "pause"] },
    rootfs: {
      type: "layers",
      diff_ids: [`sha256:${createHash("sha256").update(layer).digest("hex")}`],
    },
  });
  const manifest = [{ Config: "config.json", RepoTags: [pauseImageName(supervisor)], Layers: ["layer.tar"] }];
  return archive({ "config.json": config, "manifest.json": JSON.stringify(manifest), "layer.tar": layer });
}

function archive(files: Record<string, string | Buffer>): Promise<Buffer> {
  const stream = pack();
  for (const [name, content] of Object.entries(files)) {
    stream.entry({ name, mode: 0o755, mtime: new Date(0) }, content);
  }
  stream.finalize();
  return buffer(stream);
}
