/** Cloud Map's names in an emulated VPC: a DNS server in a container at the address where a VPC has its own. */
import * as fs from "node:fs";
import * as path from "node:path";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";

export class Resolver {
  private told = "";

  private constructor(
    private readonly container: Docker.Container,
    readonly address: string,
  ) {}

  /** @param image one that has Node */
  static async start(
    docker: Docker,
    image: string,
    network: string,
    labels: Record<string, string>,
  ): Promise<Resolver> {
    const container = await docker.createContainer({
      Image: image,
      Entrypoint: ["node", "-e", fs.readFileSync(path.join(__dirname, "server.js"), "utf8")],
      Cmd: [],
      Labels: labels,
      HostConfig: { NetworkMode: network },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    return new Resolver(container, NetworkSettings.Networks[network].IPAddress);
  }

  /** Makes these the only names that there are. */
  async tell(records: Record<string, string[]>): Promise<void> {
    const text = JSON.stringify(records);
    if (text === this.told) return;
    const archive = pack();
    // The server reads it for every question: it is replaced as a whole.
    archive.entry({ name: "records.json" }, text);
    archive.finalize();
    await this.container.putArchive(await buffer(archive), { path: "/" });
    this.told = text;
  }
}
