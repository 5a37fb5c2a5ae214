import type * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec } from "../../container-spec";
import type { WorkloadSpec } from "../../platform";
import {
  type ContainerDefinition,
  containerDefinition,
  type Dependency,
  type LogConfiguration,
} from "./container-definition";
import { cpuUnits, fargateSize, type TaskSize } from "./sizes";
import { AGENT_MOUNT, type TaskFiles, writerMounts } from "./task-files";
import type { TaskVolumes } from "./task-volumes";

/** What the containers of a task have in common. */
export interface TaskSetup {
  spec: WorkloadSpec;
  agentImage: pulumi.Input<string>;
  files: TaskFiles;
  volumes: TaskVolumes;
  log: LogConfiguration;
  /** Only the pairs of Fargate may be asked for. */
  fargate: boolean;
}

/** A task's containers and how large it is. */
export interface TaskContainers {
  definitions: ContainerDefinition[];
  size: TaskSize;
}

/** Share of the CPU that one container of the agent's has when the main one uses all the rest; it is idle most of the time. */
const AGENT_CPU_UNITS = 32;

/**
 * A replica's containers in the order in which they start: the agent that prepares the volumes, init containers one after
 * the other, what comes before the main one, the main one, what comes after it. ECS stops them the other way round.
 */
export function replicaContainers(setup: TaskSetup): TaskContainers {
  const { spec, files } = setup;
  const before = [
    ...(files.follower === undefined ? [] : [files.follower]),
    ...spec.sidecars.filter(({ order }) => order === "before"),
  ];
  const after = spec.sidecars.filter(({ order }) => order === "after");
  const size = sizeOf([spec.main, ...before, ...after], setup);
  const { place, shares } = placing(setup, size, [spec.main, ...before, ...after]);
  const first = [files.writer.spec, ...spec.init];
  const prepared: Dependency[] = [{ containerName: first.at(-1)!.name, condition: "SUCCESS" }];
  const afterPrepared = [...prepared, ...before.map(started)];
  const definitions = [
    ...initDefinitions(setup),
    ...before.map((one) => containerDefinition(one, { ...place(one), dependsOn: prepared, ...shares(one) })),
    containerDefinition(spec.main, {
      ...place(spec.main),
      ports: spec.ports,
      dependsOn: afterPrepared,
      ...shares(spec.main),
    }),
    ...after.map((one) =>
      containerDefinition(one, {
        ...place(one),
        dependsOn: [{ containerName: spec.main.name, condition: "START" }],
        ...shares(one),
      }),
    ),
  ];
  return { definitions: definitions.map(restarting), size };
}

/** A container that runs to its end: a workload that is a task, or a one-off task of a service. */
export function onceContainers(setup: TaskSetup, main: ContainerSpec): TaskContainers {
  const size = sizeOf([main], setup);
  const { place, shares } = placing(setup, size, [main]);
  const own = main === setup.spec.main ? setup : { ...setup, spec: { ...setup.spec, init: [] } };
  const last = [setup.files.writer.spec, ...own.spec.init].at(-1)!;
  return {
    definitions: [
      ...initDefinitions(own),
      containerDefinition(
        { ...main, probe: undefined },
        {
          ...place(main),
          dependsOn: [{ containerName: last.name, condition: "SUCCESS" }],
          ...shares(main),
        },
      ),
    ],
    size,
  };
}

/** The agent that prepares the volumes, and the init containers behind it. */
function initDefinitions(setup: TaskSetup): ContainerDefinition[] {
  const { files, spec, volumes } = setup;
  const chain = [files.writer.spec, ...spec.init];
  return chain.map((one, index) => {
    const isWriter = index === 0;
    return containerDefinition(one, {
      essential: false,
      dependsOn: isWriter ? [] : [{ containerName: chain[index - 1].name, condition: "SUCCESS" }],
      mountPoints: isWriter ? writerMounts(volumes) : mountsOf(one, setup),
      secrets: isWriter ? files.writer.secrets : [],
      ports: [],
      // It is over before the others start, and may use what the task has.
      cpuUnits: undefined,
      memoryMiB: undefined,
      log: setup.log,
      fargate: setup.fargate,
    });
  });
}

function placing(setup: TaskSetup, size: TaskSize, running: ContainerSpec[]) {
  const isAgent = ({ image }: ContainerSpec): boolean => image === setup.agentImage;
  const asked = running.filter((one) => !isAgent(one));
  const total = asked.reduce((sum, { resources }) => sum + resources.cpuMillicores, 0);
  const left = size.cpuUnits - AGENT_CPU_UNITS * (running.length - asked.length);
  return {
    place: (one: ContainerSpec) => ({
      essential: true,
      mountPoints: mountsOf(one, setup),
      secrets: [],
      ports: [],
      log: setup.log,
      fargate: setup.fargate,
    }),
    shares: (one: ContainerSpec) => ({
      cpuUnits: isAgent(one) ? AGENT_CPU_UNITS : Math.floor((left * one.resources.cpuMillicores) / total),
      memoryMiB: one.resources.memoryMiB,
    }),
  };
}

/** What all containers that run together may use; the agent's CPU comes out of the others', its memory on top of theirs. */
function sizeOf(running: ContainerSpec[], { agentImage, fargate }: TaskSetup): TaskSize {
  const asked = sizeAsked(running, agentImage);
  return fargate ? fargateSize(asked)! : asked;
}

export function sizeAsked(running: ContainerSpec[], agentImage: pulumi.Input<string>): TaskSize {
  const own = running.filter(({ image }) => image !== agentImage);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    cpuUnits: Math.max(128, sum(own.map(({ resources }) => cpuUnits(resources.cpuMillicores)))),
    memoryMiB: sum(running.map(({ resources }) => resources.memoryMiB)),
  };
}

function mountsOf(one: ContainerSpec, { files, volumes }: TaskSetup) {
  return [AGENT_MOUNT, ...volumes.mounts(one), ...(files.mounts.get(one.name) ?? [])];
}

function started({ name, probe }: ContainerSpec): Dependency {
  return { containerName: name, condition: probe === undefined ? "START" : "HEALTHY" };
}

/** A container that crashes after a minute or more is started again where it is; one that crashes sooner ends its task. */
function restarting(definition: ContainerDefinition): ContainerDefinition {
  return definition.essential ? { ...definition, restartPolicy: { enabled: true } } : definition;
}
