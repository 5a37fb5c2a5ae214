import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, Hardening, ProbeSpec } from "../../container-spec";
import { AGENT_FOLDER } from "../../fields";
import { probeUrl } from "../../probe";
import type { DockerHost } from "./host";

const RESTART = { always: "unless-stopped", "on-failure": "on-failure", never: "no" };

/** How long a rollout waits for a container's health at least, and beyond what its probe's own timing allows. */
const PATIENCE_SECONDS = 60;
const MARGIN_SECONDS = 10;

/** The kernel's own default. */
const CPU_PERIOD_MICROSECONDS = 100_000;

/** A container as Docker is asked for it, but for its network, volumes and labels. */
export function containerArgs(spec: ContainerSpec): docker.ContainerArgs {
  const { resources, hardening, logRotation, probe } = spec;
  const wait = probe !== undefined && (spec.awaitHealthy ?? true);
  return {
    image: spec.image,
    entrypoints: spec.entrypoint,
    command: spec.command,
    envs: Object.entries(spec.environment).map(([name, value]) => pulumi.interpolate`${name}=${value}`),
    user: `${hardening.runAsUser}:${hardening.runAsUser}`,
    readOnly: hardening.readOnlyRootFilesystem,
    tmpfs: spec.mounts.some(({ path }) => path === "/tmp")
      ? undefined
      : { "/tmp": "nosuid,nodev,size=64m,mode=1777" },
    capabilities: {
      drops: ["ALL"],
      ...(hardening.addCapabilities.length > 0 ? { adds: hardening.addCapabilities } : {}),
    },
    securityOpts: securityOptions(hardening),
    memory: resources.memoryMiB,
    memorySwap: resources.memoryMiB,
    // Not `cpus`, which the provider rounds to tenths of a core.
    cpuPeriod: CPU_PERIOD_MICROSECONDS,
    cpuQuota: (resources.cpuMillicores * CPU_PERIOD_MICROSECONDS) / 1000,
    ulimits: spec.ulimits.length > 0 ? spec.ulimits : undefined,
    logDriver: "json-file",
    logOpts: { "max-size": `${logRotation.maxSizeMiB}m`, "max-file": String(logRotation.maxFiles) },
    restart: RESTART[spec.restart],
    stopTimeout: spec.stopGraceSeconds,
    destroyGraceSeconds: spec.stopGraceSeconds,
    healthcheck: probe === undefined ? undefined : healthcheck(probe),
    wait,
    waitTimeout: wait ? patience(probe) : undefined,
  };
}

/** The agent's binary, which every container has for its probes. */
export function agentMount(host: DockerHost): docker.types.input.ContainerVolume[] {
  return [{ volumeName: host.agentVolume, containerPath: AGENT_FOLDER, readOnly: true }];
}

/** The same container run to its end: its exit code is an output of the resource. */
export function runToEndArgs(spec: ContainerSpec): docker.ContainerArgs {
  const args = containerArgs({ ...spec, probe: undefined, restart: "never" });
  return { ...args, attach: true, logs: true, mustRun: false };
}

/** Waits for the end of a container and fails, by name, unless it ended with 0. */
export function succeeded(name: string, container: docker.Container): pulumi.Output<string> {
  return pulumi.all([container.exitCode, container.containerLogs]).apply(([exitCode, logs]) => {
    if (exitCode !== 0) {
      const lines = (logs ?? "").trimEnd().split("\n").slice(-20).join("\n");
      const again =
        'Mend it and run "npm run up" again: it runs anew (with Pulumi\'s CLI alone: pulumi up --replace <its URN>).';
      throw new pulumi.RunError(
        `${name} ended with exit code ${exitCode}. Its last output:\n${lines}\n${again}`,
      );
    }
    return "succeeded";
  });
}

function healthcheck(probe: ProbeSpec): docker.types.input.ContainerHealthcheck {
  const url = probeUrl(probe);
  const agent = [`${AGENT_FOLDER}/agent`, "probe", "--timeout", `${probe.timeoutSeconds}s`, url ?? ""];
  const command = "exec" in probe ? probe.exec.command : agent;
  return {
    tests: ["CMD", ...command],
    interval: duration(probe.intervalSeconds),
    // The agent's own time-out comes first, and says why.
    timeout: duration(probe.timeoutSeconds + ("exec" in probe ? 0 : 1)),
    retries: probe.retries,
    startPeriod: duration(probe.startPeriodSeconds),
  };
}

/** As Docker itself writes it, e.g. `1m30s`: any other form would show as a change. */
function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const text = `${hours}h${minutes}m${seconds % 60}s`;
  return text.replace(/^0h/, "").replace(/^0m/, "");
}

function patience(probe: ProbeSpec): number {
  const timing = probe.startPeriodSeconds + probe.intervalSeconds * probe.retries + probe.timeoutSeconds;
  return Math.max(PATIENCE_SECONDS, timing + MARGIN_SECONDS);
}

function securityOptions(hardening: Hardening): string[] {
  const privileges = hardening.allowPrivilegeEscalation ? [] : ["no-new-privileges:true"];
  // Docker's own profile is the default; naming none means exactly that.
  const seccomp = hardening.seccompProfile === "default" ? [] : [`seccomp=${hardening.seccompProfile}`];
  return [...privileges, ...seccomp];
}
