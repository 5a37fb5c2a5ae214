/** From a container definition to what Docker is asked for. */
import type Docker from "dockerode";
import type { ContainerDefinition, TaskDefinition } from "./task-definition";

/** What a container gets of its task. */
export interface TaskPlace {
  /** Container that owns the task's network. */
  pause: string;
  /** Docker's volumes by name in the definition. */
  volumes: Map<string, string>;
  labels: Record<string, string>;
  /** Values of its secrets, and what ECS adds. */
  environment: Record<string, string>;
}

const NANO = 1e9;
const CPU_UNITS = 1024;
const MIB = 1024 * 1024;

export function containerOptions(
  name: string,
  task: TaskDefinition,
  container: ContainerDefinition,
  place: TaskPlace,
): Docker.ContainerCreateOptions {
  const { linuxParameters = {}, healthCheck: check } = container;
  const given = Object.fromEntries((container.environment ?? []).map((one) => [one.name, one.value]));
  const memory = container.memory ?? Number(task.memory ?? 0);
  return {
    name,
    Image: container.image,
    Entrypoint: container.entryPoint,
    Cmd: container.command,
    Env: Object.entries({ ...place.environment, ...given }).map(([key, value]) => `${key}=${value}`),
    User: container.user,
    WorkingDir: container.workingDirectory,
    Labels: place.labels,
    StopTimeout: container.stopTimeout ?? 30,
    Healthcheck:
      check === undefined
        ? { Test: ["NONE"] }
        : {
            Test: check.command,
            Interval: (check.interval ?? 30) * NANO,
            Timeout: (check.timeout ?? 5) * NANO,
            Retries: check.retries ?? 3,
            StartPeriod: (check.startPeriod ?? 0) * NANO,
          },
    HostConfig: {
      NetworkMode: `container:${place.pause}`,
      ReadonlyRootfs: container.readonlyRootFilesystem ?? false,
      CapAdd: linuxParameters.capabilities?.add,
      CapDrop: linuxParameters.capabilities?.drop,
      Init: linuxParameters.initProcessEnabled,
      Memory: memory * MIB,
      MemorySwap: memory * MIB,
      CpuShares: container.cpu === 0 ? undefined : container.cpu,
      NanoCpus: (Number(task.cpu ?? CPU_UNITS) / CPU_UNITS) * NANO,
      Ulimits: container.ulimits?.map((one) => ({
        Name: one.name,
        Soft: one.softLimit,
        Hard: one.hardLimit,
      })),
      Mounts: container.mountPoints?.map(({ sourceVolume, containerPath, readOnly }) => ({
        Type: "volume",
        Source: place.volumes.get(sourceVolume)!,
        Target: containerPath,
        ReadOnly: readOnly ?? false,
        // A volume of a task starts empty, whatever the image has there.
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } },
      })),
    },
  };
}
