/** For the tests against a real cluster: the local one, a namespace of their own, and an image without a registry. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { type Pack, pack } from "tar-stream";
import { clusterOf } from "../../../../kubernetes-settings";
import { loadCommand } from "../../../../setup/cluster/cluster";
import { executeWithInput } from "../../../../setup/cluster/execute-with-input";
import type { CallContext, Properties, Provider, ResourceState } from "../../../provider";
import { PartialCreateError } from "../../../provider";
import { ensureBusybox } from "../../docker/testing";
import { Api } from "../api";
import { unlessMissing } from "../errors";
import { createKubernetesProvider } from "../index";
import { clusterAccess } from "../kubeconfig";
import { callAbout } from "./fake-api";

export const LOCAL = clusterOf({ cluster: "local" });

export interface Made extends ResourceState {
  type: string;
  inputs: Properties;
}

export class ClusterFixture {
  readonly namespace = `flotilla-test-${randomBytes(4).toString("hex")}`;
  readonly api = new Api(clusterAccess(LOCAL));
  readonly provider: Provider;
  private readonly made: Made[] = [];

  private constructor(readonly image: string) {
    const settings = { ...LOCAL, namespace: this.namespace, enableConfigMapMutable: "true" };
    this.provider = createKubernetesProvider(settings) as Provider;
  }

  /** With the reason when there is no cluster or nothing to make an image from. */
  static async open(): Promise<{ fixture: ClusterFixture } | { skip: string }> {
    const skip = await obstacle();
    if (skip) return { skip };
    const fixture = new ClusterFixture(await loadBusybox());
    await fixture.make("kubernetes:core/v1:Namespace", { metadata: { name: fixture.namespace } });
    return { fixture };
  }

  /** Checks and creates, and holds that the same again is no change. */
  async make(type: string, given: Properties, more: Partial<CallContext> = {}): Promise<Made> {
    const { context } = callAbout(type, given.metadata.name, more);
    const { inputs } = await this.provider.check(context, undefined, given);
    try {
      const made = { type, inputs, ...(await this.provider.create(context, inputs)) };
      this.made.push(made);
      assert.deepEqual(await this.changes(made, given), []);
      return made;
    } catch (error) {
      if (error instanceof PartialCreateError) this.made.push({ type, inputs, ...error.state });
      throw error;
    }
  }

  /** Keys that would change. */
  async changes(made: Made, given: Properties): Promise<string[]> {
    const { context } = callAbout(made.type, given.metadata.name);
    const { inputs } = await this.provider.check(context, made.inputs, given);
    return (await this.provider.diff(context, made, inputs)).changedKeys;
  }

  async update(made: Made, given: Properties, more: Partial<CallContext> = {}): Promise<Made> {
    const { context } = callAbout(made.type, given.metadata.name, more);
    const { inputs } = await this.provider.check(context, made.inputs, given);
    const updated = { ...made, inputs, outputs: await this.provider.update(context, made, inputs) };
    this.made.splice(this.made.indexOf(made), 1, updated);
    assert.deepEqual(await this.changes(updated, given), []);
    return updated;
  }

  /** The message of a create that fails after the object was made. */
  async failure(type: string, given: Properties, more?: Partial<CallContext>): Promise<string> {
    const error: unknown = await this.make(type, given, more).catch((reason) => reason);
    assert.ok(error instanceof PartialCreateError, `no PartialCreateError but ${error}`);
    return error.message;
  }

  async remove(made: Made): Promise<void> {
    await this.provider.delete(callAbout(made.type, made.id).context, made);
    this.made.splice(this.made.indexOf(made), 1);
  }

  /** Deletes all in turn and holds that the namespace is gone with them. */
  async close(): Promise<void> {
    for (const made of [...this.made].reverse()) await this.remove(made);
    const namespace = this.api.request(`/api/v1/namespaces/${this.namespace}`);
    assert.equal(await unlessMissing(namespace), undefined);
  }
}

/** Why the tests cannot run here; undefined when they can. */
export async function obstacle(): Promise<string | undefined> {
  if (!existsSync(LOCAL.kubeconfig ?? "")) return 'there is no local cluster ("npm run cluster" starts one)';
  const answer = await new Api(clusterAccess(LOCAL)).request("/version").catch((error: Error) => error);
  if (answer instanceof Error) return answer.message;
  return (await ensureBusybox()) ? undefined : "no static busybox on the PATH to make a test image from";
}

/** Loads an image of busybox alone into the cluster. */
export async function loadBusybox(): Promise<string> {
  const binary = readFileSync((await ensureBusybox()) as string);
  const layer = await archive((tar) => {
    tar.entry({ name: "bin/busybox", mode: 0o755 }, binary);
    for (const tool of ["sh", "sleep", "echo", "httpd", "true", "false"]) {
      tar.entry({ name: `bin/${tool}`, type: "symlink", linkname: "busybox" });
    }
  });
  const digest = (content: Buffer) => createHash("sha256").update(content).digest("hex");
  const reference = `flotilla.local/test-busybox:${digest(layer).slice(0, 12)}`;
  const config = JSON.stringify({
    architecture: { x64: "amd64" }[process.arch as string] ?? process.arch,
    os: "linux",
    config: { Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest(layer)}`] },
  });
  const manifest = [{ Config: "config.json", RepoTags: [reference], Layers: ["layer.tar"] }];
  const image = await archive((tar) => {
    tar.entry({ name: "config.json" }, config);
    tar.entry({ name: "manifest.json" }, JSON.stringify(manifest));
    tar.entry({ name: "layer.tar" }, layer);
  });
  const [program, ...args] = loadCommand();
  await executeWithInput(program, args, image);
  return reference;
}

async function archive(fill: (tar: Pack) => void): Promise<Buffer> {
  const tar = pack();
  fill(tar);
  tar.finalize();
  return buffer(tar);
}
