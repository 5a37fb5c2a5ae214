/** Images of nothing but programs, made without a Docker daemon. */
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

/** Go's names of the architectures that Node runs on. */
const architectures: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** An image of these programs as `docker save` would write it; `config` says how a container of it starts. */
export async function imageOf(
  name: string,
  programs: Record<string, Buffer>,
  config: { Entrypoint?: string[]; User?: string },
): Promise<Buffer> {
  const layer = await archive(programs);
  const image = JSON.stringify({
    architecture: architectures[process.arch],
    os: "linux",
    config,
    rootfs: {
      type: "layers",
      diff_ids: [`sha256:${createHash("sha256").update(layer).digest("hex")}`],
    },
  });
  return savedImage(name, { "config.json": image, "layer.tar": layer });
}

/** An image's configuration and its layer, as `docker save` would write them. */
export function savedImage(
  name: string,
  files: Record<"config.json" | "layer.tar", string | Buffer>,
): Promise<Buffer> {
  const manifest = [{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }];
  return archive({ ...files, "manifest.json": JSON.stringify(manifest) });
}

function archive(files: Record<string, string | Buffer>): Promise<Buffer> {
  const stream = pack();
  for (const [name, content] of Object.entries(files)) {
    stream.entry({ name, mode: 0o755, mtime: new Date(0) }, content);
  }
  stream.finalize();
  return buffer(stream);
}
