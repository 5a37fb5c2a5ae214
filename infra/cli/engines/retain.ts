/** Which resources of a stack hold data that `down --keep-data` leaves alone. */

/** Label of a Docker volume that outlives its replica; its value is the volume's name in the workload. */
export const persistentVolumeLabel = "flotilla.volume";

interface Resource {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are open JSON, as in Pulumi's state
  inputs?: any;
}

const kept: Record<string, (inputs: Resource["inputs"]) => boolean> = {
  "docker:index/volume:Volume": ({ labels }) =>
    Array.isArray(labels) && labels.some((entry) => entry?.label === persistentVolumeLabel),
  "kubernetes:core/v1:PersistentVolumeClaim": () => true,
  // A claim lives no longer than its namespace.
  "kubernetes:core/v1:Namespace": () => true,
  // The folders of its volumes are in it, whether or not something leads to them.
  "aws:efs/fileSystem:FileSystem": () => true,
};

/** Whether a resource of a stack's state is one of those. */
export function holdsData({ type, inputs }: Resource): boolean {
  return kept[type]?.(inputs ?? {}) ?? false;
}
