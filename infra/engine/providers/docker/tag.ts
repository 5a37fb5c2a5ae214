/** docker:index/tag:Tag */
import type Docker from "dockerode";
import type { CallContext, Properties, ResourceState } from "../../provider";
import { failed, isConflict, isMissing, unlessMissing } from "./errors";
import { DockerResource, type StoredState } from "./resource";
import { list, type Schema, text } from "./schema";

const replaces = { replaces: true };

/** A second name of an image of the daemon. */
export class TagResource extends DockerResource {
  protected readonly schema: Schema = {
    sourceImage: text({ ...replaces, required: true }),
    targetImage: text({ ...replaces, required: true }),
    tagTriggers: list(text(), replaces),
  };
  protected override readonly autoNamed = false;
  protected override readonly replacementOrder = "create first";

  async create(_context: CallContext, inputs: Properties): Promise<ResourceState> {
    const source = this.daemon.docker.getImage(inputs.sourceImage);
    try {
      await tagImage(source, inputs.targetImage);
      const { Id } = await source.inspect();
      return { id: `${Id}.${inputs.targetImage}`, outputs: outputs(inputs, Id) };
    } catch (error) {
      throw failed(`image ${inputs.sourceImage} could not be tagged ${inputs.targetImage}`, error);
    }
  }

  async update(): Promise<Properties> {
    throw new Error("a tag has nothing that could be updated in place");
  }

  /** Takes the name away; the image stays while it has another one. */
  async delete(_context: CallContext, { inputs }: StoredState): Promise<void> {
    try {
      await this.daemon.docker.getImage(inputs.targetImage).remove();
    } catch (error) {
      if (!isMissing(error) && !isConflict(error)) {
        throw failed(`tag ${inputs.targetImage} could not be deleted`, error);
      }
    }
  }

  async read(id: string, inputs: Properties, old: Properties): Promise<StoredState | undefined> {
    const target = inputs.targetImage ?? old.targetImage;
    const live = await unlessMissing(this.daemon.docker.getImage(target).inspect());
    return live && { id, inputs, outputs: outputs(inputs, live.Id) };
  }

  /** Tagging again does no harm. */
  async recover(): Promise<undefined> {
    return undefined;
  }
}

function outputs(
  { sourceImage, targetImage, tagTriggers = null }: Properties,
  sourceImageId: string,
): Properties {
  return { sourceImage, targetImage, tagTriggers, sourceImageId };
}

export async function tagImage(image: Docker.Image, reference: string): Promise<void> {
  const { repository, tag } = splitReference(reference);
  await image.tag({ repo: repository, tag });
}

/** The two parts of a reference by tag; without one it means `latest`. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  return tag === undefined
    ? { repository: reference, tag: "latest" }
    : { repository: reference.slice(0, -tag.length - 1), tag };
}
