/** What Fargate refuses of a task definition that the service model lets pass. */
import type { ContainerDefinition, TaskDefinition } from "./task-definition";

/** Memory in MiB by CPU units: from, to, step. */
const SIZES: Record<string, [number, number, number]> = {
  "512": [1024, 4096, 1024],
  "1024": [2048, 8192, 1024],
  "2048": [4096, 16384, 1024],
  "4096": [8192, 30720, 1024],
  "8192": [16384, 61440, 4096],
  "16384": [32768, 122880, 8192],
};
const SMALLEST = [512, 1024, 2048];
const MOST_BYTES = 64 * 1024;
const MOST_CONTAINERS = 10;
const FORBIDDEN = [
  ...["disableNetworking", "dnsSearchDomains", "dnsServers", "dockerSecurityOptions", "extraHosts"],
  ...["hostname", "links", "privileged"],
];
const FORBIDDEN_LINUX = ["devices", "maxSwap", "sharedMemorySize", "swappiness", "tmpfs"];
const LOG_DRIVERS = ["awslogs", "awsfirelens", "splunk"];

export function fargateProblems(definition: TaskDefinition): string[] {
  const { cpu, memory, networkMode, containerDefinitions, executionRoleArn } = definition;
  const problems: string[] = [];
  const claim = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  claim(isSize(String(cpu), Number(memory)), `Fargate has no size with cpu ${cpu} and memory ${memory}`);
  claim(networkMode === "awsvpc", `networkMode must be awsvpc, is ${networkMode}`);
  const bytes = Buffer.byteLength(JSON.stringify(containerDefinitions));
  claim(bytes <= MOST_BYTES, `it has ${bytes} bytes, more than ${MOST_BYTES}`);
  claim(containerDefinitions.length <= MOST_CONTAINERS, `it has ${containerDefinitions.length} containers`);
  const names = containerDefinitions.map(({ name }) => name);
  claim(new Set(names).size === names.length, `names of containers are not unique: ${names}`);
  claim(
    containerDefinitions.some(({ essential = true }) => essential),
    "no container is essential",
  );
  for (const volume of definition.volumes ?? []) {
    claim(volume.host?.sourcePath === undefined, `volume ${volume.name} is a folder of the host`);
  }
  for (const container of containerDefinitions) {
    const needsRole = container.secrets !== undefined || container.logConfiguration?.logDriver === "awslogs";
    claim(!needsRole || executionRoleArn !== undefined, `${container.name} needs an execution role`);
    problems.push(
      ...containerProblems(container, definition).map((problem) => `${container.name}: ${problem}`),
    );
  }
  return problems;
}

function containerProblems(container: ContainerDefinition, { volumes, ...task }: TaskDefinition): string[] {
  const problems: string[] = [];
  const { healthCheck: check, stopTimeout = 30, dependsOn = [], logConfiguration } = container;
  const has = (holder: object, key: string): boolean => {
    const value = (holder as Record<string, unknown>)[key];
    return (
      value !== undefined &&
      value !== null &&
      value !== false &&
      !(Array.isArray(value) && value.length === 0)
    );
  };
  problems.push(...FORBIDDEN.filter((key) => has(container, key)).map((key) => `has ${key}`));
  const linux = container.linuxParameters ?? {};
  problems.push(
    ...FORBIDDEN_LINUX.filter((key) => has(linux, key)).map((key) => `has linuxParameters.${key}`),
  );
  const added = (linux.capabilities?.add ?? []).filter((capability) => capability !== "SYS_PTRACE");
  if (added.length > 0) problems.push(`adds the capabilities ${added}`);
  if (stopTimeout < 2 || stopTimeout > 120) problems.push(`has a stopTimeout of ${stopTimeout}`);
  if (check !== undefined) {
    const { interval = 30, timeout = 5, retries = 3, startPeriod = 0 } = check;
    const isAllowed =
      interval >= 5 && interval <= 300 && timeout >= 2 && timeout <= 60 && retries >= 1 && retries <= 10;
    if (!isAllowed || startPeriod > 300) problems.push(`has the health check ${JSON.stringify(check)}`);
  }
  for (const { name } of container.ulimits ?? []) {
    if (name !== "nofile") problems.push(`has the ulimit ${name}`);
  }
  if (logConfiguration !== undefined && !LOG_DRIVERS.includes(logConfiguration.logDriver)) {
    problems.push(`has the log driver ${logConfiguration.logDriver}`);
  }
  for (const { sourceVolume } of container.mountPoints ?? []) {
    if (!volumes?.some(({ name }) => name === sourceVolume))
      problems.push(`mounts ${sourceVolume}, which is no volume`);
  }
  for (const { containerName, condition } of dependsOn) {
    const other = task.containerDefinitions.find(({ name }) => name === containerName);
    if (other === undefined) problems.push(`depends on ${containerName}, which is no container`);
    else if (condition === "HEALTHY" && other.healthCheck === undefined) {
      problems.push(`waits until ${containerName} is healthy, which has no health check`);
    } else if (/COMPLETE|SUCCESS/.test(condition) && (other.essential ?? true)) {
      problems.push(`waits for the end of ${containerName}, which is essential`);
    }
  }
  if (Number(container.cpu ?? 0) > Number(task.cpu)) problems.push(`has more CPU than its task`);
  if (Number(container.memory ?? 0) > Number(task.memory)) problems.push(`has more memory than its task`);
  return problems;
}

function isSize(cpu: string, memory: number): boolean {
  if (cpu === "256") return SMALLEST.includes(memory);
  const [from, to, step] = SIZES[cpu] ?? [];
  return from !== undefined && memory >= from && memory <= to! && memory % step! === 0;
}
