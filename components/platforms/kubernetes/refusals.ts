import type { ContainerSpec, Hardening } from "../../container-spec";
import type { WorkloadSpec } from "../../platform";
import type { Problems } from "../../problems";
import { POD_SECURITY, type PodSecurity } from "./host";

/** What the "baseline" level lets a container have back; "restricted" has only the one that opens low ports. */
const BASELINE_CAPABILITIES = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"],
  ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];
const CAPABILITIES: Record<PodSecurity, (capability: string) => boolean> = {
  restricted: (capability) => capability === "NET_BIND_SERVICE",
  baseline: (capability) => BASELINE_CAPABILITIES.includes(capability),
  privileged: () => true,
};

const LOG_MIB = 10;
const LOG_FILES = 3;

/** One thing that may be written for a container and that Kubernetes does not do, or not at the namespace's level. */
interface Refusal {
  field: string;
  /** What was written; undefined where there is nothing to refuse. */
  refused(container: ContainerSpec, level: PodSecurity): unknown;
  rule(level: PodSecurity): string;
  fix(container: ContainerSpec): string;
}

const REFUSALS: Refusal[] = [
  {
    field: "ulimits",
    refused: ({ ulimits }) => (ulimits.length > 0 ? ulimits.map(({ name }) => name) : undefined),
    rule: () => "cannot be set on Kubernetes",
    fix: () => "Take them out, and set them on the nodes.",
  },
  {
    field: "logRotation",
    refused: ({ logRotation }) => {
      const { maxSizeMiB, maxFiles } = logRotation;
      return maxSizeMiB === LOG_MIB && maxFiles === LOG_FILES ? undefined : logRotation;
    },
    rule: () => "cannot be set on Kubernetes, where each node's kubelet has one for all containers",
    fix: () => "Take it out, and set containerLogMaxSize and containerLogMaxFiles of the kubelets.",
  },
  {
    field: "restart",
    refused: ({ restart }) => (restart === "always" ? undefined : restart),
    rule: () => 'must be "always" on Kubernetes for a container of a service',
    fix: () => 'Write "always".',
  },
  hardening("runAsUser", ({ runAsUser }, level) =>
    level === "restricted" && runAsUser === 0 ? runAsUser : undefined,
  ),
  hardening("allowPrivilegeEscalation", ({ allowPrivilegeEscalation: allowed }, level) =>
    level === "restricted" && allowed ? allowed : undefined,
  ),
  hardening("addCapabilities", ({ addCapabilities }, level) =>
    addCapabilities.every(CAPABILITIES[level]) ? undefined : addCapabilities,
  ),
  hardening("seccompProfile", ({ seccompProfile }, level) =>
    level !== "privileged" && seccompProfile === "unconfined" ? seccompProfile : undefined,
  ),
  {
    field: "hardening.seccompProfile",
    refused: ({ hardening: { seccompProfile } }) =>
      ["default", "unconfined"].includes(seccompProfile) ? undefined : seccompProfile,
    rule: () => "cannot be the text of a profile on Kubernetes, which reads profiles from each node's disk",
    fix: () => 'Write "default".',
  },
];

/** Something that the namespace's level refuses, where another one would not. */
function hardening(
  field: keyof Hardening,
  refused: (hardening: Hardening, level: PodSecurity) => unknown,
): Refusal {
  return {
    field: `hardening.${field}`,
    refused: (container, level) => refused(container.hardening, level),
    rule: (level) => `is refused by the namespace's pod security level "${level}"`,
    fix: (container) => {
      const enough = POD_SECURITY.find((level) => refused(container.hardening, level) === undefined);
      return `Take it out, or write podSecurity: "${enough}" for the platform.`;
    },
  };
}

/** Records, by their fields' names, all values that Kubernetes would not keep. */
export function checkWorkload(problems: Problems, spec: WorkloadSpec, level: PodSecurity): void {
  const runToEnd = new Set([...spec.init, ...spec.tasks, ...(spec.lifetime === "task" ? [spec.main] : [])]);
  for (const { path, container } of namedContainers(spec)) {
    for (const { field, refused, rule, fix } of REFUSALS) {
      const value = field === "restart" && runToEnd.has(container) ? undefined : refused(container, level);
      if (value !== undefined) {
        problems.add(`${path}${field}`, rule(level), value, fix(container));
      }
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
