/** Images that set-up made on a daemon, found again by their label. */
import type Docker from "dockerode";

/** Images that are built on one of ours inherit its label, but not its name. */
const ownNames = "flotilla.local/";

/** The references of all images that set-up made with a label. */
export async function presentReferences(docker: Docker, label: string): Promise<Set<string>> {
  const found = await docker.listImages({ filters: { label: [label] } });
  const references = found.flatMap((image) => image.RepoTags ?? []);
  return new Set(references.filter((reference) => reference.startsWith(ownNames)));
}

/** Removes what the earlier stages of builds have left behind: images with a label and without a name. */
export async function removeNameless(docker: Docker, label: string): Promise<void> {
  await docker.pruneImages({ filters: { dangling: ["true"], label: [label] } });
}
