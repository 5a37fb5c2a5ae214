/** The agent's containers beside a main one: what makes a workload found, drained and able to call others. */
import type * as pulumi from "@pulumi/pulumi";
import { containerSpec } from "./container";
import type { ContainerSpec, PortSpec, ProbeSpec, Protocol, SidecarSpec } from "./container-spec";
import type { Discovery } from "./platform";
import { HOLD_SECONDS, probeUrl } from "./probe";

/** A service that a workload calls, with the loopback port on which the agent forwards to it. */
export interface Call {
  service: string;
  /** Name of the service's port; undefined means its first one. */
  port?: string;
  protocol: Protocol;
  scheme: string;
  localPort: number;
}

/** Loopback port of the look-up and of the forwarder's readiness. */
export const LOOKUP_PORT = 15099;

/** Port on which a registered instance tells everyone whether it is ready. */
export const READY_PORT = 15000;
const FIRST_FORWARD_PORT = 15001;

/** Longest that callers need to notice that an instance drains. */
export const DRAIN_SECONDS = 3;

/** Numbers the called services' loopback ports; the same list gives the same ports. */
export function numberCalls(calls: Omit<Call, "localPort">[]): Call[] {
  return calls.map((call, index) => ({ ...call, localPort: FIRST_FORWARD_PORT + index }));
}

/** `USERS_URL` and the like: where a program finds each called service, whatever the registry. */
export function callEnvironment(calls: Call[]): Record<string, string> {
  const urls = calls.map((call) => {
    const name = call.port === undefined ? call.service : `${call.service}-${call.port}`;
    return [`${name.toUpperCase().replaceAll("-", "_")}_URL`, `${call.scheme}://127.0.0.1:${call.localPort}`];
  });
  const lookup = calls.length > 0 ? { FLOTILLA_LOOKUP_URL: `http://127.0.0.1:${LOOKUP_PORT}` } : {};
  return { ...Object.fromEntries(urls), ...lookup };
}

/** Forwards loopback addresses to the live instances of the called services, from before the main container to after it. */
export function forwardSidecar(
  image: pulumi.Input<string>,
  discovery: Discovery,
  calls: Call[],
): SidecarSpec {
  const routes = calls.flatMap(({ localPort, protocol, service, port }) => {
    const target = port === undefined ? service : `${service}:${port}`;
    return ["--route", `127.0.0.1:${localPort}=${protocol}:${target}`];
  });
  const lookup = ["--lookup-listen", `127.0.0.1:${LOOKUP_PORT}`];
  return {
    ...agentContainer("agent-forward", image, discovery, ["forward", ...routes, ...lookup], LOOKUP_PORT),
    order: "before",
  };
}

/** What the agent says of the instance that it registers. */
export interface Registration {
  service: string;
  ports: PortSpec[];
  probe: ProbeSpec | undefined;
  metadata: Record<string, string>;
  /** URL that has to be healthy once before the instance is. */
  awaits?: string;
  /** URLs that get a POST when the instance begins to drain. */
  onDrain: string[];
}

/** Registers the instance once it is healthy; drains and deregisters it before the main container stops. */
export function registerSidecar(
  image: pulumi.Input<string>,
  discovery: Discovery,
  registration: Registration,
): SidecarSpec {
  const { probe } = registration;
  const url = probe === undefined ? undefined : probeUrl(probe);
  const flags = [
    ["--service", registration.service],
    ...registration.ports.map(({ name, port, protocol }) => ["--port", `${name}=${port}/${protocol}`]),
    ...Object.entries(registration.metadata).map(([key, value]) => ["--metadata", `${key}=${value}`]),
    ...(url === undefined ? [] : [["--probe", url, ...probeFlags(probe!)]]),
    ...(registration.awaits === undefined ? [] : [["--await", registration.awaits]]),
    ...registration.onDrain.map((target) => ["--on-drain-post", target]),
    ["--drain", `${DRAIN_SECONDS}s`, "--ready-listen", `:${READY_PORT}`],
  ].flat();
  const agent = agentContainer("agent-register", image, discovery, ["register", ...flags], READY_PORT);
  const ownStart = agent.probe!.startPeriodSeconds;
  const mainStart =
    probe === undefined ? 0 : probe.startPeriodSeconds + probe.intervalSeconds * probe.retries;
  return {
    ...agent,
    // It is ready only after the main container, which may take its time.
    probe: { ...agent.probe!, startPeriodSeconds: Math.min(300, ownStart + mainStart) },
    order: "after",
    stopGraceSeconds: DRAIN_SECONDS + 7,
  };
}

function probeFlags(probe: ProbeSpec): string[] {
  return [
    ...["--probe-interval", `${probe.intervalSeconds}s`],
    ...["--probe-timeout", `${probe.timeoutSeconds}s`],
    ...["--probe-retries", String(probe.retries)],
  ];
}

/** A container of the agent's image, ready when its `/ready` answers. */
export function agentContainer(
  name: string,
  image: pulumi.Input<string>,
  discovery: Discovery,
  command: string[],
  readyPort: number,
): ContainerSpec {
  const ready = {
    agent: { port: readyPort, loopback: readyPort !== READY_PORT },
    intervalSeconds: 1,
    timeoutSeconds: HOLD_SECONDS + 5,
    retries: 2,
    startPeriodSeconds: 45,
  };
  const spec = containerSpec(name, image, { cpuMillicores: 500, memoryMiB: 64 }, undefined);
  return {
    ...spec,
    probe: ready,
    entrypoint: ["/agent"],
    command: [...command, ...discovery.arguments],
    bundles: discovery.bundles,
    stopGraceSeconds: 12,
  };
}
