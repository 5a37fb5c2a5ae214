import type Docker from "dockerode";

/** Removes what a run that was cut off left of a stack: the next one of the same name would find its names taken. */
export async function removeLeftovers(docker: Docker, label: string): Promise<void> {
  const filters = { label: [label] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true });
  }
  for (const { Id } of await docker.listNetworks({ filters })) {
    await docker.getNetwork(Id).remove();
  }
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  for (const { Name } of volumes ?? []) {
    await docker.getVolume(Name).remove();
  }
}
