/** Which resources of a stack hold data that `down --keep-data` leaves alone. */

const volumeType = "docker:index/volume:Volume";

/** Whether a resource of a stack's state is a Docker volume with the label. */
export function isLabelledVolume(type: string, inputs: unknown, label: string): boolean {
  const labels = (inputs as { labels?: unknown } | undefined)?.labels;
  return type === volumeType && Array.isArray(labels) && labels.some((entry) => entry?.label === label);
}
