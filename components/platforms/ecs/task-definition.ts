import { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerDefinition } from "./container-definition";
import type { EcsHost } from "./host";
import type { TaskContainers } from "./task-containers";
import type { TaskVolumes } from "./task-volumes";

/** Most that ECS registers; beside the containers it holds a few names. */
const MOST_BYTES = 64 * 1024 - 2048;

/** What a task definition is made of. */
export interface TaskParts {
  /** Without the platform's prefix. */
  family: string;
  workload: string;
  containers: TaskContainers;
  volumes: TaskVolumes;
  executionRoleArn: pulumi.Output<string>;
  /** Undefined: its containers may use nothing of AWS. */
  taskRoleArn: pulumi.Output<string> | undefined;
}

export function taskDefinition(host: EcsHost, parts: TaskParts, parent: pulumi.Resource): TaskDefinition {
  const { family, workload, containers, volumes, executionRoleArn, taskRoleArn } = parts;
  const name = `${host.prefix}-${family}`;
  return new TaskDefinition(
    `${family}-definition`,
    {
      family: name,
      requiresCompatibilities: [host.capacity.compatibility],
      networkMode: "awsvpc",
      runtimePlatform: {
        operatingSystemFamily: "LINUX",
        cpuArchitecture: host.architecture === "arm64" ? "ARM64" : "X86_64",
      },
      cpu: String(containers.size.cpuUnits),
      memory: String(containers.size.memoryMiB),
      executionRoleArn,
      taskRoleArn,
      volumes: volumes.definitions,
      containerDefinitions: checkedJson(family, containers.definitions),
      tags: host.tags(name, workload),
    },
    host.options(parent),
  );
}

function checkedJson(family: string, definitions: ContainerDefinition[]): pulumi.Output<string> {
  return pulumi.jsonStringify(definitions).apply((text) => {
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_BYTES) {
      const rule = `its containers, with their environment and files, take ${bytes} bytes of a task definition, which has room for ${MOST_BYTES}`;
      const fix =
        "Write longer files as plain text, which goes to S3, or put them into the image or a volume.";
      throw new pulumi.RunError(`${family}: ${rule}. ${fix}`);
    }
    return text;
  });
}
