/** An image registry on loopback, in place of ECR: takes what is pushed, and gives it out again. */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

interface Manifest {
  type: string;
  content: Buffer;
}

type Handler = (request: IncomingMessage, response: ServerResponse, ...match: string[]) => unknown;

export class ImageRegistry {
  private readonly folder = fs.mkdtempSync(path.join(tmpdir(), "flotilla-registry-"));
  private readonly manifests = new Map<string, Manifest>();
  private readonly server: Server;
  /** In the order in which they are tried. */
  private readonly routes: [string, RegExp, Handler][] = [
    ["GET", /^\/v2\/$/, (_, response) => end(response, 200)],
    ["HEAD", /^\/v2\/.+\/blobs\/(.+)$/, (_, response, digest) => this.giveBlob(response, digest, false)],
    ["GET", /^\/v2\/.+\/blobs\/(.+)$/, (_, response, digest) => this.giveBlob(response, digest, true)],
    [
      "POST",
      /^\/v2\/(.+)\/blobs\/uploads\/\?(.*)$/,
      (_, response, name, query) => this.begin(response, name, query),
    ],
    ["POST", /^\/v2\/(.+)\/blobs\/uploads\/$/, (_, response, name) => this.begin(response, name, "")],
    [
      "PATCH",
      /^\/v2\/(.+)\/blobs\/uploads\/([^?]+)/,
      (request, response, name, id) => this.take(request, response, name, id),
    ],
    [
      "PUT",
      /^\/v2\/(.+)\/blobs\/uploads\/([^?]+)\?(.*)$/,
      (request, response, name, id, query) => this.finish(request, response, name, id, query),
    ],
    [
      "PUT",
      /^\/v2\/(.+)\/manifests\/(.+)$/,
      (request, response, name, tag) => this.putManifest(request, response, name, tag),
    ],
    [
      "HEAD",
      /^\/v2\/(.+)\/manifests\/(.+)$/,
      (_, response, name, tag) => this.giveManifest(response, name, tag, false),
    ],
    [
      "GET",
      /^\/v2\/(.+)\/manifests\/(.+)$/,
      (_, response, name, tag) => this.giveManifest(response, name, tag, true),
    ],
  ];

  private constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => {
        response.destroy(error);
      });
    });
  }

  static async start(): Promise<ImageRegistry> {
    const registry = new ImageRegistry();
    registry.server.listen(0, "127.0.0.1");
    await once(registry.server, "listening");
    return registry;
  }

  /** Such as `"127.0.0.1:34567"`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
    fs.rmSync(this.folder, { recursive: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [method, pattern, handle] of this.routes) {
      const match = request.method === method ? pattern.exec(request.url!) : null;
      if (match !== null) return void (await handle(request, response, ...match.slice(1)));
    }
    end(response, 404);
  }

  private async giveBlob(response: ServerResponse, digest: string, whole: boolean): Promise<void> {
    const file = this.blob(digest);
    if (!fs.existsSync(file)) return void end(response, 404);
    response.writeHead(200, {
      "content-length": fs.statSync(file).size,
      "docker-content-digest": digest,
      "content-type": "application/octet-stream",
    });
    if (whole) await pipeline(fs.createReadStream(file), response);
    else response.end();
  }

  /** A layer that another repository has need not be sent again. */
  private begin(response: ServerResponse, name: string, query: string): void {
    const mounted = new URLSearchParams(query).get("mount");
    if (mounted !== null && fs.existsSync(this.blob(mounted))) {
      const location = `/v2/${name}/blobs/${mounted}`;
      end(response, 201, { location, "docker-content-digest": mounted });
      return;
    }
    const id = randomUUID();
    fs.writeFileSync(this.upload(id), "");
    end(response, 202, { location: `/v2/${name}/blobs/uploads/${id}`, range: "0-0" });
  }

  private async take(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    id: string,
  ): Promise<void> {
    await pipeline(request, fs.createWriteStream(this.upload(id), { flags: "a" }));
    const size = fs.statSync(this.upload(id)).size;
    end(response, 202, { location: `/v2/${name}/blobs/uploads/${id}`, range: `0-${Math.max(0, size - 1)}` });
  }

  private async finish(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    id: string,
    query: string,
  ): Promise<void> {
    await pipeline(request, fs.createWriteStream(this.upload(id), { flags: "a" }));
    const digest = new URLSearchParams(query).get("digest")!;
    const hash = createHash("sha256");
    await pipeline(fs.createReadStream(this.upload(id)), hash);
    if (`sha256:${hash.digest("hex")}` !== digest) return void end(response, 400);
    fs.renameSync(this.upload(id), this.blob(digest));
    end(response, 201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
  }

  private async putManifest(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    tag: string,
  ): Promise<void> {
    const content = await buffer(request);
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    const manifest = { type: request.headers["content-type"]!, content };
    this.manifests.set(`${name}@${tag}`, manifest);
    this.manifests.set(`${name}@${digest}`, manifest);
    end(response, 201, { location: `/v2/${name}/manifests/${digest}`, "docker-content-digest": digest });
  }

  private giveManifest(response: ServerResponse, name: string, tag: string, whole: boolean): void {
    const manifest = this.manifests.get(`${name}@${tag}`);
    if (manifest === undefined) {
      end(response, 404);
      return;
    }
    response.writeHead(200, {
      "content-type": manifest.type,
      "content-length": manifest.content.length,
      "docker-content-digest": `sha256:${createHash("sha256").update(manifest.content).digest("hex")}`,
    });
    response.end(whole ? manifest.content : undefined);
  }

  private blob(digest: string): string {
    return path.join(this.folder, path.basename(digest).replace(":", "-"));
  }

  private upload(id: string): string {
    return path.join(this.folder, `upload-${path.basename(id)}`);
  }
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-length": "0", ...headers });
  response.end();
}
