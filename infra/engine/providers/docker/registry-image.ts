/** docker:index/registryImage:RegistryImage */
import type { CallContext, CheckFailure, Properties, ResourceState } from "../../provider";
import { failed, unlessMissing } from "./errors";
import { readMessages } from "./progress-stream";
import { LayerProgress } from "./pull";
import { authFor } from "./registry-auth";
import { DockerResource, type StoredState } from "./resource";
import { asOutputs, flag, map, object, type Schema, text } from "./schema";
import { splitReference } from "./tag";

const replaces = { replaces: true };

const authConfig: Schema = {
  address: text({ required: true }),
  username: text({ required: true }),
  password: text({ required: true }),
};

/** An image of the daemon, pushed to its registry. What was pushed stays there: only `keepRemotely: true` is served. */
export class RegistryImageResource extends DockerResource {
  protected readonly schema: Schema = {
    name: text({ ...replaces, required: true }),
    authConfig: object(authConfig),
    build: object({}, { unsupported: true }),
    insecureSkipVerify: flag({ unsupported: true }),
    keepRemotely: flag(),
    triggers: map(replaces),
  };
  protected override readonly autoNamed = false;
  protected override readonly replacementOrder = "create first";

  protected override refuse({ keepRemotely }: Properties): CheckFailure[] {
    const reason = "must be true: the embedded engine deletes nothing from an image registry";
    return keepRemotely === true ? [] : [{ property: "keepRemotely", reason }];
  }

  async create(context: CallContext, inputs: Properties): Promise<ResourceState> {
    const { repository, tag } = splitReference(inputs.name);
    const what = `image ${inputs.name} could not be pushed`;
    const layers = new LayerProgress("pushing");
    let refusal: string | undefined;
    try {
      context.progress(`pushing ${inputs.name}`);
      const stream: unknown = await this.daemon.docker.getImage(repository).push({
        tag,
        // The daemon wants the header, also from those who have nothing to say.
        authconfig: this.auth(inputs) ?? { username: "", password: "", serveraddress: "" },
        abortSignal: context.signal,
      });
      await readMessages(stream as AsyncIterable<Buffer>, (message) => {
        refusal = message.errorDetail?.message ?? message.error ?? refusal;
        const text = layers.take(message);
        if (text) context.progress(text);
      });
    } catch (error) {
      throw failed(what, error);
    }
    if (refusal) throw new Error(`${what}: ${refusal}`);
    const digest = await this.digest(inputs);
    if (digest === undefined) throw new Error(`${what}: its registry does not have it afterwards`);
    return { id: digest, outputs: outputs(inputs, digest) };
  }

  /** Only what it takes to reach the registry can change. */
  async update(_context: CallContext, old: StoredState, newInputs: Properties): Promise<Properties> {
    return outputs(newInputs, old.outputs.sha256Digest);
  }

  async delete(): Promise<void> {}

  async read(_id: string, inputs: Properties, old: Properties): Promise<StoredState | undefined> {
    const known = { ...old, ...inputs };
    const digest = await this.digest(known);
    return digest === undefined ? undefined : { id: digest, inputs, outputs: outputs(inputs, digest) };
  }

  /** Pushing again does no harm and is quick, as the layers are there. */
  async recover(): Promise<undefined> {
    return undefined;
  }

  /** What the registry has under that name; undefined when it has nothing. */
  private async digest(inputs: Properties): Promise<string | undefined> {
    const image = this.daemon.docker.getImage(inputs.name);
    const live = await unlessMissing(image.distribution({ authconfig: this.auth(inputs) }));
    return live?.Descriptor.digest;
  }

  private auth({ name, authConfig: own }: Properties): Properties | undefined {
    return authFor(name, own ? [own] : this.daemon.credentials);
  }
}

function outputs(inputs: Properties, sha256Digest: string): Properties {
  return {
    name: inputs.name,
    authConfig: inputs.authConfig ? asOutputs(authConfig, inputs.authConfig) : null,
    build: null,
    insecureSkipVerify: false,
    keepRemotely: inputs.keepRemotely,
    triggers: inputs.triggers ?? null,
    sha256Digest,
    id: sha256Digest,
  };
}
