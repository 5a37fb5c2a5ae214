import type { input } from "@pulumi/kubernetes/types";
import type { ContainerSpec, PortSpec, ProbeSpec } from "../../container-spec";

type Probe = input.core.v1.Probe;

/** The kubelet asks the agent often, as that is cheap there; on other targets the agent holds its answer instead. */
const AGENT_TIMING = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 2 };

/** For scheduling and pulling images, beyond what the probes' own timing allows. */
const PATIENCE_SECONDS = 120;

/** Seconds that a replica may take until it is ready, given the containers that must be. */
export function patienceSeconds(before: ContainerSpec[], rest: ContainerSpec[]): number {
  const each = ({ probe }: ContainerSpec): number =>
    probe === undefined ? 0 : probe.startPeriodSeconds + probe.intervalSeconds * probe.retries;
  return PATIENCE_SECONDS + sum(before.map(each)) + Math.max(0, ...rest.map(each));
}

/**
 * Whether a container has started, asked every second: whatever waits for it goes on at once, also where its own interval
 * is long. One that does not start in time is made anew, when the rollout has been given up already.
 */
export function startupProbe({ probe }: ContainerSpec, patience: number): Probe | undefined {
  if (probe === undefined) {
    return undefined;
  }
  const { timeoutSeconds } = "agent" in probe ? AGENT_TIMING : probe;
  return { ...question(probe), periodSeconds: 1, timeoutSeconds, failureThreshold: patience };
}

/** Whether a running container can serve: one that cannot gets no traffic, and is not restarted for it. */
export function readinessProbe({ probe }: ContainerSpec): Probe | undefined {
  if (probe === undefined) {
    return undefined;
  }
  const own = {
    periodSeconds: probe.intervalSeconds,
    timeoutSeconds: probe.timeoutSeconds,
    failureThreshold: probe.retries,
  };
  return { ...question(probe), ...("agent" in probe ? AGENT_TIMING : own) };
}

/**
 * Whether the kubelet can ask: it comes from outside, so not at a port that may be open on loopback only, where another
 * container of the replica asks in its stead.
 */
export function isAsked({ probe, awaitHealthy }: ContainerSpec, ports: PortSpec[]): boolean {
  if (probe === undefined) {
    return false;
  }
  const port = portOf(probe);
  return awaitHealthy !== false || port === undefined || ports.some((own) => own.port === port);
}

function portOf(probe: ProbeSpec): number | undefined {
  if ("http" in probe) {
    return probe.http.port;
  }
  if ("grpc" in probe) {
    return probe.grpc.port;
  }
  return "tcp" in probe ? probe.tcp.port : undefined;
}

function question(probe: ProbeSpec): Pick<Probe, "httpGet" | "grpc" | "tcpSocket" | "exec"> {
  if ("http" in probe) {
    return { httpGet: { path: probe.http.path, port: probe.http.port } };
  }
  if ("grpc" in probe) {
    return { grpc: { port: probe.grpc.port, service: probe.grpc.service ?? "" } };
  }
  if ("tcp" in probe) {
    return { tcpSocket: { port: probe.tcp.port } };
  }
  if ("exec" in probe) {
    return { exec: { command: probe.exec.command } };
  }
  const { port, loopback } = probe.agent;
  if (!loopback) {
    return { httpGet: { path: "/ready", port } };
  }
  const timeout = `${AGENT_TIMING.timeoutSeconds}s`;
  return {
    exec: { command: ["/agent", "probe", "--timeout", timeout, `http://127.0.0.1:${port}/ready`] },
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
