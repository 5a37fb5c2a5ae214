import type * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, ProbeSpec } from "../../container-spec";
import type { WorkloadSpec } from "../../platform";
import type { Problems } from "../../problems";
import { SHORTEST_INTERVAL, SHORTEST_TIMEOUT } from "./health-check";
import { fargateSize, LARGEST } from "./sizes";
import { sizeAsked } from "./task-containers";

const LOG_MIB = 10;
const LOG_FILES = 3;

/** Ephemeral volumes of a task on Fargate share what it has for its images, too. */
const EPHEMERAL_MIB = 20 * 1024;

/** One thing that may be written for a container and that ECS does not do. */
interface Refusal {
  field: string;
  /** What was written; undefined where there is nothing to refuse. */
  refused(container: ContainerSpec): unknown;
  rule: string;
  fix: string;
}

const REFUSALS: Refusal[] = [
  {
    field: "ulimits",
    refused: ({ ulimits }) => {
      const others = ulimits.map(({ name }) => name).filter((name) => name !== "nofile");
      return others.length > 0 ? others : undefined;
    },
    rule: "can be set on ECS for nofile only",
    fix: "Take the others out.",
  },
  {
    field: "logRotation",
    refused: ({ logRotation }) => {
      const { maxSizeMiB, maxFiles } = logRotation;
      return maxSizeMiB === LOG_MIB && maxFiles === LOG_FILES ? undefined : logRotation;
    },
    rule: "cannot be set on ECS, where output goes to CloudWatch",
    fix: "Take it out, and set the platform's logRetentionDays.",
  },
  {
    field: "hardening.addCapabilities",
    refused: ({ hardening: { addCapabilities } }) => {
      const others = addCapabilities.filter((one) => one !== "SYS_PTRACE");
      return others.length > 0 ? others : undefined;
    },
    rule: "can be SYS_PTRACE only on ECS",
    fix: "Take the others out.",
  },
  {
    field: "hardening.seccompProfile",
    refused: ({ hardening: { seccompProfile } }) =>
      seccompProfile === "default" ? undefined : seccompProfile,
    rule: "cannot be chosen on ECS",
    fix: 'Write "default".',
  },
];

/** Records, by their fields' names, all values that ECS would not keep. */
export function checkWorkload(
  problems: Problems,
  spec: WorkloadSpec,
  agentImage: pulumi.Input<string>,
  fargate: boolean,
): void {
  const runToEnd = new Set([...spec.init, ...spec.tasks, ...(spec.lifetime === "task" ? [spec.main] : [])]);
  for (const { path, container } of namedContainers(spec)) {
    for (const { field, refused, rule, fix } of REFUSALS) {
      const value = refused(container);
      if (value !== undefined) {
        problems.add(`${path}${field}`, rule, value, fix);
      }
    }
    if (!runToEnd.has(container) && container.restart !== "always") {
      const rule = 'must be "always" on ECS for a container of a service';
      problems.add(`${path}restart`, rule, container.restart, 'Write "always".');
    }
    const { probe } = container;
    const asksItself = path !== "" || (probe !== undefined && "exec" in probe);
    if (probe !== undefined && !("agent" in probe) && asksItself) {
      checkTiming(problems, `${path}probe`, probe);
    }
  }
  checkVolumes(problems, spec, fargate);
  if (fargate) {
    checkSize(problems, spec, agentImage);
  }
}

/** Of the main container's other probes the agent keeps the timing, so that ECS may ask less often. */
function checkTiming(problems: Problems, at: string, probe: ProbeSpec): void {
  if (probe.intervalSeconds < SHORTEST_INTERVAL) {
    const rule = `must be at least ${SHORTEST_INTERVAL} seconds on ECS`;
    problems.add(`${at}.intervalSeconds`, rule, probe.intervalSeconds, `Write ${SHORTEST_INTERVAL}.`);
  }
  if ("exec" in probe && probe.timeoutSeconds < SHORTEST_TIMEOUT) {
    const rule = `must be at least ${SHORTEST_TIMEOUT} seconds on ECS`;
    problems.add(`${at}.timeoutSeconds`, rule, probe.timeoutSeconds, `Write ${SHORTEST_TIMEOUT}.`);
  }
}

function checkVolumes(problems: Problems, spec: WorkloadSpec, fargate: boolean): void {
  const persistent = spec.volumes.filter(({ kind }) => kind === "persistent");
  for (const { name, sizeMiB } of persistent) {
    if (sizeMiB !== undefined) {
      const rule = "cannot be kept on ECS, where a file system grows with what it holds";
      problems.add(`volumes["${name}"].sizeMiB`, rule, sizeMiB, "Take it out.");
    }
  }
  const most = typeof spec.replicas === "number" ? spec.replicas : spec.replicas.max;
  if (persistent.length > 0 && most > 1) {
    const rule = "must be 1 on ECS beside a persistent volume, which all replicas would share";
    problems.add("replicas", rule, spec.replicas, "Write 1, or keep the data outside.");
  }
  const ephemeral = spec.volumes.filter(({ kind }) => kind === "ephemeral");
  const total = ephemeral.reduce((sum, { sizeMiB }) => sum + (sizeMiB ?? 0), 0);
  if (fargate && total > EPHEMERAL_MIB) {
    const rule = `must be at most ${EPHEMERAL_MIB} MiB for all ephemeral volumes together on Fargate`;
    problems.add(`volumes["${ephemeral[0].name}"].sizeMiB`, rule, total, "Make them smaller, or persistent.");
  }
}

/** All of its containers that run together must fit one of Fargate's sizes. */
function checkSize(problems: Problems, spec: WorkloadSpec, agentImage: pulumi.Input<string>): void {
  for (const running of [[spec.main, ...spec.sidecars], ...spec.tasks.map((task) => [task])]) {
    const asked = sizeAsked(running, agentImage);
    if (fargateSize(asked) === undefined) {
      const [path] = namedContainers(spec).filter(({ container }) => container === running[0]);
      const rule = `must, with its sidecars, be at most ${LARGEST.cpuUnits / 1024} cores and ${LARGEST.memoryMiB} MiB on Fargate`;
      const got = { cores: asked.cpuUnits / 1024, memoryMiB: asked.memoryMiB };
      const field = asked.cpuUnits > LARGEST.cpuUnits ? "cpuMillicores" : "memoryMiB";
      problems.add(`${path.path}${field}`, rule, got, "Ask for less, or use a capacity provider of EC2.");
    }
  }
}

/** Every container with what stands before its fields' names in a description. */
function namedContainers(spec: WorkloadSpec): { path: string; container: ContainerSpec }[] {
  const lists = { sidecars: spec.sidecars, initContainers: spec.init, tasks: spec.tasks };
  const beside = Object.entries(lists).flatMap(([list, containers]) =>
    containers.map((container) => ({ path: `${list}["${container.name}"].`, container })),
  );
  return [{ path: "", container: spec.main }, ...beside];
}
