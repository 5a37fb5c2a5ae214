import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, VolumeSpec } from "../../container-spec";
import { type KubernetesHost, SKIP_AWAIT, TAKE_OVER } from "./host";

/** Of a persistent volume that asks for no size; a cluster needs one. */
const PERSISTENT_MIB = 1024;

/** As on every other target. */
const TMP_MIB = 64;

/** The volumes in memory that a replica starts with: those asked for, and a `/tmp` for each container. */
export function memoryVolumes(volumes: VolumeSpec[], containers: ContainerSpec[]): input.core.v1.Volume[] {
  const ephemeral = volumes.filter(({ kind }) => kind === "ephemeral");
  return [
    ...ephemeral.map(({ name, sizeMiB }) => memoryVolume(name, sizeMiB!)),
    ...containers.filter(needsTmp).map(({ name }) => memoryVolume(tmpVolume(name), TMP_MIB)),
  ];
}

/** Where a container sees its volumes. */
export function volumeMounts(container: ContainerSpec): input.core.v1.VolumeMount[] {
  return [
    ...(needsTmp(container) ? [{ name: tmpVolume(container.name), mountPath: "/tmp" }] : []),
    ...container.mounts.map(({ volume, path, readOnly }) => ({ name: volume, mountPath: path, readOnly })),
  ];
}

/** What each replica claims for its persistent volumes. */
export function claimTemplates(
  host: KubernetesHost,
  volumes: VolumeSpec[],
): input.core.v1.PersistentVolumeClaim[] {
  return persistent(volumes).map((volume) => ({
    metadata: { name: volume.name },
    spec: claimSpec(host, volume),
  }));
}

/** The claims of the first replicas, which a StatefulSet finds by their names: so an engine can name them, and keep them. */
export function claims(
  host: KubernetesHost,
  workload: string,
  volumes: VolumeSpec[],
  replicas: number,
  parent: pulumi.Resource,
): PersistentVolumeClaim[] {
  return persistent(volumes).flatMap((volume) =>
    Array.from({ length: replicas }, (_, ordinal) => {
      const name = `${volume.name}-${workload}-${ordinal}`;
      const labels = { "flotilla.dev/volume": volume.name };
      // Many storage classes make a volume only when a pod wants it.
      const metadata = host.metadata(name, workload, {
        labels,
        annotations: { ...SKIP_AWAIT, ...TAKE_OVER },
      });
      const args = { metadata, spec: claimSpec(host, volume) };
      return new PersistentVolumeClaim(
        `${workload}-${ordinal}-${volume.name}`,
        args,
        host.keptOptions(parent),
      );
    }),
  );
}

export function persistent(volumes: VolumeSpec[]): VolumeSpec[] {
  return volumes.filter(({ kind }) => kind === "persistent");
}

function claimSpec(host: KubernetesHost, { sizeMiB }: VolumeSpec): input.core.v1.PersistentVolumeClaimSpec {
  return {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: `${sizeMiB ?? PERSISTENT_MIB}Mi` } },
    storageClassName: host.storageClass,
  };
}

function memoryVolume(name: string, sizeMiB: number): input.core.v1.Volume {
  return { name, emptyDir: { medium: "Memory", sizeLimit: `${sizeMiB}Mi` } };
}

function needsTmp({ mounts }: ContainerSpec): boolean {
  return !mounts.some(({ path }) => path === "/tmp");
}

function tmpVolume(container: string): string {
  return `flotilla-${container}-tmp`;
}
