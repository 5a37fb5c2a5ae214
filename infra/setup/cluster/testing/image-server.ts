/** A registry without TLS that has one image, with the program that holds pods together. */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { ensureProgram } from "../build";
import { pauseImage } from "../pause-image";
import { savedImage } from "../program-image";

export interface ImageServer {
  /** What the image is called, with the registry's address. */
  reference: string;
  /** How often the image has been asked for. */
  pulls(): number;
  /** The image under another name, as `docker save` would write it. */
  saved(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Serves the image under a name until it is closed. */
export async function serveImage(name: string): Promise<ImageServer> {
  const files = await unpack(await pauseImage(await ensureProgram("supervisor")));
  const blobs = [unlikeEarlierOnes(files["config.json"]!), files["layer.tar"]!] as const;
  const [config, layer] = blobs.map((content) => ({ digest: digest(content), size: content.length }));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
    }),
  );
  const paths = new Map([
    [`/v2/${name}/manifests/1`, manifest],
    [`/v2/${name}/manifests/${digest(manifest)}`, manifest],
    ...blobs.map((content) => [`/v2/${name}/blobs/${digest(content)}`, content] as const),
  ]);
  let pulls = 0;
  const server = createServer(({ url, method }, response) => {
    const content = paths.get(url!);
    pulls += Number(method === "GET" && content === blobs[0]);
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type":
        content === manifest ? "application/vnd.oci.image.manifest.v1+json" : "application/octet-stream",
      "docker-content-digest": content === undefined ? "" : digest(content),
      "content-length": content?.length ?? 0,
    });
    response.end(method === "HEAD" ? undefined : content);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    reference: `127.0.0.1:${(server.address() as AddressInfo).port}/${name}:1`,
    pulls: () => pulls,
    saved: (other) => savedImage(other, { "config.json": blobs[0], "layer.tar": blobs[1] }),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A cluster pulls nothing that it has from an earlier test. */
function unlikeEarlierOnes(config: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(config.toString()), author: randomUUID() }));
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The files of an archive by their names. */
export async function unpack(archive: Buffer): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    files[entry.header.name] = await buffer(entry);
  }
  return files;
}
