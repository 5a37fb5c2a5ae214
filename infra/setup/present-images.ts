/** Images that set-up made on a daemon, found again by their label. */
import type Docker from "dockerode";

/** The references of all images that carry a label. */
export async function presentReferences(docker: Docker, label: string): Promise<Set<string>> {
  const found = await docker.listImages({ filters: { label: [label] } });
  return new Set(found.flatMap((image) => image.RepoTags ?? []));
}

/** Removes the images that carry a label and no name: what earlier stages of a build leave behind. */
export async function removeNameless(docker: Docker, label: string): Promise<void> {
  await docker.pruneImages({ filters: { dangling: ["true"], label: [label] } });
}
