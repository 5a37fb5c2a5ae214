/** What the program reads of resources that are not made in a rehearsal. */
import type { Computed } from "../../engine/providers/paper";

/** No image is built and nothing is applied. */
export const onPaper: Record<string, Computed> = {
  docker: () => ({ imageId: "", sha256Digest: "" }),
  kubernetes: () => ({}),
};
