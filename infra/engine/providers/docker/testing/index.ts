/** For the tests against a real daemon: the provider with a memory of what it made, and an image without a registry. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { canInstallPackages, installPackages } from "../../../../setup/host";
import { type CallContext, PartialCreateError, type Properties, type Provider } from "../../../provider";
import { dockerConnection } from "../connection";
import { createDockerProvider } from "../index";
import type { StoredState } from "../resource";

export const TYPES = {
  container: "docker:index/container:Container",
  image: "docker:index/remoteImage:RemoteImage",
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
};

const LABEL = "flotilla.provider-test";
const TOOLS = ["sh", "cat", "echo", "sleep", "false", "true", "ls", "nc", "id", "stat"];

export interface Made extends StoredState {
  type: string;
  name: string;
}

export class Fixture {
  readonly docker = dockerConnection();
  readonly provider = createDockerProvider({}) as Provider;
  /** All that `progress` was told. */
  readonly said: string[] = [];
  /** Unique to this fixture; in names of images, and as the value of its label. */
  readonly run = randomBytes(4).toString("hex");
  readonly image = `flotilla-test/busybox:${this.run}`;
  private readonly made: Made[] = [];

  /** Undefined with the reason when there is no daemon or nothing to make an image from. */
  static async open(): Promise<{ fixture: Fixture } | { skip: string }> {
    const fixture = new Fixture();
    const alive = await fixture.docker.ping().then(
      () => true,
      () => false,
    );
    if (!alive) return { skip: "no Docker daemon answers" };
    const busybox = await ensureBusybox();
    if (!busybox) return { skip: "no static busybox on the PATH to make a test image from" };
    await importImage(fixture.docker, fixture.image, busybox);
    return { fixture };
  }

  labels(): { label: string; value: string }[] {
    return [{ label: LABEL, value: this.run }];
  }

  context(type: string, name: string, signal: AbortSignal = new AbortController().signal): CallContext {
    return { urn: `urn:${name}`, type, name, signal, progress: (message) => this.said.push(message) };
  }

  async check(type: string, name: string, given: Properties, old?: Properties): Promise<Properties> {
    const labelled = type === TYPES.image ? given : { labels: this.labels(), ...given };
    const { inputs, failures } = await this.provider.check(this.context(type, name), old, labelled);
    assert.deepEqual(failures, []);
    return inputs;
  }

  /** Checks and creates, and holds that the same again changes `changed`, which is nothing unless said. */
  async make(type: string, name: string, given: Properties, changed: string[] = []): Promise<Made> {
    const inputs = await this.check(type, name, given);
    const context = this.context(type, name);
    const state = await this.provider.create(context, inputs).catch((error) => {
      if (error instanceof PartialCreateError) this.made.push({ type, name, inputs, ...error.state });
      throw error;
    });
    const made: Made = { type, name, inputs, ...state };
    this.made.push(made);
    const again = await this.check(type, name, given, inputs);
    assert.deepEqual((await this.provider.diff(context, made, again)).changedKeys, changed);
    return made;
  }

  container(name: string, given: Properties, changed?: string[]): Promise<Made> {
    return this.make(TYPES.container, name, { image: this.image, ...given }, changed);
  }

  /** The message of a create that fails after the object was made. */
  async failure(name: string, given: Properties, signal?: AbortSignal): Promise<string> {
    const inputs = await this.check(TYPES.container, name, { image: this.image, ...given });
    const error: unknown = await this.provider
      .create(this.context(TYPES.container, name, signal), inputs)
      .catch((reason) => reason);
    assert.ok(error instanceof PartialCreateError, `no PartialCreateError but ${error}`);
    this.made.push({ type: TYPES.container, name, inputs, ...error.state });
    return error.message;
  }

  async remove(made: Made): Promise<void> {
    await this.provider.delete(this.context(made.type, made.name), made);
    this.made.splice(this.made.indexOf(made), 1);
  }

  read(made: Made): Promise<StoredState | undefined> {
    return this.provider.read(this.context(made.type, made.name), made.id, made.inputs, made.outputs);
  }

  /** Runs a command to its end in a container of its own. */
  async output(command: string[], given: Properties = {}): Promise<string> {
    const job = await this.container("job", { command, attach: true, logs: true, mustRun: false, ...given });
    await this.remove(job);
    return job.outputs.containerLogs;
  }

  /** Deletes what was made and holds that nothing is left. */
  async close(): Promise<void> {
    for (const made of [...this.made].reverse()) await this.remove(made);
    const [ownLayer] = await this.layers(this.image);
    await this.docker.getImage(this.image).remove();
    await this.removeStages(ownLayer);
    const filters = { label: [`${LABEL}=${this.run}`] };
    const containers = await this.docker.listContainers({ all: true, filters });
    const networks = await this.docker.listNetworks({ filters });
    const { Volumes: volumes } = await this.docker.listVolumes({ filters });
    const images = await this.docker.listImages({ filters });
    const counts = [containers, networks, volumes ?? [], images].map(({ length }) => length);
    assert.deepEqual(counts, [0, 0, 0, 0], "containers, networks, volumes and images that are left");
  }

  /** The builder keeps the stages of a build as images without a name. */
  private async removeStages(ownLayer: string): Promise<void> {
    const nameless = await this.docker.listImages({ filters: { dangling: ["true"] } });
    for (const { Id } of nameless) {
      const [first] = await this.layers(Id).catch(() => []);
      if (first === ownLayer) await this.docker.getImage(Id).remove();
    }
  }

  private async layers(reference: string): Promise<string[]> {
    const { RootFS } = await this.docker.getImage(reference).inspect();
    return RootFS.Layers ?? [];
  }
}

/** Installed where it is missing and can be; undefined where it cannot. */
export async function ensureBusybox(): Promise<string | undefined> {
  if (!findBusybox() && canInstallPackages()) await installPackages(["busybox-static"], () => undefined);
  return findBusybox();
}

function findBusybox(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/bin", "/usr/bin"];
  const candidates = folders.flatMap((folder) =>
    ["busybox-static", "busybox"].map((name) => path.join(folder, name)),
  );
  return candidates.find((file) => fs.existsSync(file) && isStatic(file));
}

/** A program that names no interpreter needs no libraries. */
const isStatic = (file: string): boolean => !fs.readFileSync(file).subarray(0, 4096).includes("/ld-");

/** An image of one binary, with `/bin/sh` and the like as links to it, and a file in `/seed`. */
export async function importImage(docker: Docker, reference: string, busybox: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: "bin/busybox", mode: 0o755 }, fs.readFileSync(busybox));
  for (const tool of TOOLS) archive.entry({ name: `bin/${tool}`, type: "symlink", linkname: "busybox" });
  archive.entry({ name: "tmp", type: "directory", mode: 0o1777 });
  archive.entry({ name: "seed/file", mode: 0o444 }, "from the image");
  archive.finalize();
  const [repo, tag] = reference.split(":");
  const stream = await docker.importImage(archive as unknown as NodeJS.ReadableStream, { repo, tag });
  stream.resume();
  await finished(stream);
}
