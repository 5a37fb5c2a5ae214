/** What the program reads of resources that are not made in a rehearsal. */
import type { Computed } from "../../engine/providers/paper";

/** Stands for the digest that an image gets when it is pushed, followed by the tag under which it would be. */
export const UNPUSHED = "sha256:unpushed-";

const tagOf = (reference: string) => reference.slice(reference.lastIndexOf(":") + 1);

const docker: Record<string, Computed> = {
  // Images are named by what goes into them, so the tag can stand for the content.
  "docker:index/remoteImage:RemoteImage": (_, { name }) => ({ imageId: `sha256:${tagOf(name)}` }),
  "docker:index/registryImage:RegistryImage": (_, { name }) => ({
    sha256Digest: `${UNPUSHED}${tagOf(name)}`,
  }),
};

/** No image is built and nothing is applied. */
export const onPaper: Record<string, Computed> = {
  docker: (type, inputs) => docker[type]?.(type, inputs) ?? {},
  kubernetes: () => ({}),
};
