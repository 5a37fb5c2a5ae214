import type { ProbeSpec } from "../../container-spec";
import { AGENT_FOLDER } from "../../fields";
import { probeUrl } from "../../probe";

/** As ECS writes it. */
export interface HealthCheck {
  command: string[];
  interval: number;
  timeout: number;
  retries: number;
  startPeriod: number;
}

/** What ECS takes, in seconds. */
export const SHORTEST_INTERVAL = 5;
export const SHORTEST_TIMEOUT = 2;
const LONGEST_TIMEOUT = 60;
const LONGEST_START = 300;

const STARTING_SECONDS = 60;

/** Asks from inside any image: by its own command, or by the agent's binary, which needs no shell. */
export function healthCheck(probe: ProbeSpec): HealthCheck {
  const agent = [
    `${AGENT_FOLDER}/agent`,
    "probe",
    "--timeout",
    `${probe.timeoutSeconds}s`,
    probeUrl(probe) ?? "",
  ];
  const isExec = "exec" in probe;
  // The agent's own time-out comes first, and says why.
  const timeout = probe.timeoutSeconds + (isExec ? 0 : 1);
  return {
    command: ["CMD", ...(isExec ? probe.exec.command : agent)],
    interval: Math.max(SHORTEST_INTERVAL, probe.intervalSeconds),
    timeout: Math.min(LONGEST_TIMEOUT, Math.max(SHORTEST_TIMEOUT, timeout)),
    retries: probe.retries,
    // ECS ends a task that is unhealthy; until a container was healthy once, it may take its time.
    startPeriod: Math.min(LONGEST_START, STARTING_SECONDS + probe.startPeriodSeconds),
  };
}
