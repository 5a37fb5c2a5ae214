import type { ProbeSpec } from "./container-spec";
import { checkWhole } from "./fields";
import type { Problems } from "./problems";

/**
 * How a container is asked whether it can serve: exactly one of `http`, `grpc`, `tcp` and `exec`. The same on every
 * target, also for images without a shell.
 *
 * @example
 * const probe: ProbeArgs = { http: { path: "/readyz" }, intervalSeconds: 2 };
 */
export interface ProbeArgs {
  /** GET that must answer 200 to 399, at the workload's first port unless told otherwise. @default - another kind */
  http?: { path: string; port?: number };
  /** Standard gRPC health check (`grpc.health.v1`), of the server as a whole unless told otherwise. @default - another kind */
  grpc?: { port?: number; service?: string };
  /** TCP connection that must open. @default - another kind */
  tcp?: { port?: number };
  /** Command that must end with 0, in the container's own file system. @default - another kind */
  exec?: { command: string[] };
  /** Seconds between two probes, 1 to 300. @default 5 */
  intervalSeconds?: number;
  /** Seconds after which one probe counts as failed, 1 to 60. @default 2 */
  timeoutSeconds?: number;
  /** Consecutive failures that make the container unhealthy, 1 to 10. @default 3 */
  retries?: number;
  /** Seconds after the start in which failures do not count, 0 to 300. @default 0 */
  startPeriodSeconds?: number;
}

const KINDS = ["http", "grpc", "tcp", "exec"] as const;

export function checkProbe(problems: Problems, path: string, probe: ProbeArgs, hasPort: boolean): void {
  const given = KINDS.filter((kind) => probe[kind] !== undefined);
  if (given.length !== 1) {
    problems.add(
      path,
      `must have exactly one of ${KINDS.join(", ")}`,
      given,
      'Write { http: { path: "/healthz" } }.',
    );
  }
  if (probe.http !== undefined && !probe.http.path.startsWith("/")) {
    problems.add(`${path}.http.path`, 'must start with "/"', probe.http.path, `Write "/${probe.http.path}".`);
  }
  if (probe.exec !== undefined && probe.exec.command.length === 0) {
    problems.add(`${path}.exec.command`, "must name a program", [], 'Write ["/bin/check"].');
  }
  for (const kind of ["http", "grpc", "tcp"] as const) {
    const port = probe[kind]?.port;
    if (probe[kind] !== undefined && port === undefined && !hasPort) {
      const fix = "Write the port to probe.";
      problems.add(`${path}.${kind}.port`, "is needed where the workload has no ports", port, fix);
    }
    checkWhole(problems, `${path}.${kind}.port`, port, { min: 1, max: 65535, unit: "" });
  }
  checkWhole(problems, `${path}.intervalSeconds`, probe.intervalSeconds, {
    min: 1,
    max: 300,
    unit: "seconds",
  });
  checkWhole(problems, `${path}.timeoutSeconds`, probe.timeoutSeconds, { min: 1, max: 60, unit: "seconds" });
  checkWhole(problems, `${path}.retries`, probe.retries, { min: 1, max: 10, unit: "" });
  checkWhole(problems, `${path}.startPeriodSeconds`, probe.startPeriodSeconds, {
    min: 0,
    max: 300,
    unit: "seconds",
  });
}

/** The probe with every default filled in. */
export function probeSpec(probe: ProbeArgs, firstPort: number | undefined): ProbeSpec {
  const timing = {
    intervalSeconds: probe.intervalSeconds ?? 5,
    timeoutSeconds: probe.timeoutSeconds ?? 2,
    retries: probe.retries ?? 3,
    startPeriodSeconds: probe.startPeriodSeconds ?? 0,
  };
  const port = (given: number | undefined): number => given ?? firstPort!;
  if (probe.http !== undefined) {
    return { http: { path: probe.http.path, port: port(probe.http.port) }, ...timing };
  }
  if (probe.grpc !== undefined) {
    return { grpc: { port: port(probe.grpc.port), service: probe.grpc.service }, ...timing };
  }
  if (probe.tcp !== undefined) {
    return { tcp: { port: port(probe.tcp.port) }, ...timing };
  }
  return { exec: { command: probe.exec!.command }, ...timing };
}

/**
 * How long the agent holds a readiness probe while nothing changes. A probe in any image is a process started anew: asked
 * like this, few are, and a change is still seen at once.
 */
export const HOLD_SECONDS = 25;

/** What the agent's `probe` and `register` modes take; undefined for `exec`, which only the container itself can run. */
export function probeUrl(probe: ProbeSpec): string | undefined {
  if ("http" in probe) {
    return `http://127.0.0.1:${probe.http.port}${probe.http.path}`;
  }
  if ("grpc" in probe) {
    return `grpc://127.0.0.1:${probe.grpc.port}/${probe.grpc.service ?? ""}`;
  }
  if ("agent" in probe) {
    return `http://127.0.0.1:${probe.agent.port}/ready?hold=${HOLD_SECONDS}s`;
  }
  return "tcp" in probe ? `tcp://127.0.0.1:${probe.tcp.port}` : undefined;
}
