import type * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, PortSpec } from "../../container-spec";
import { type HealthCheck, healthCheck } from "./health-check";
import type { EnvironmentSecret } from "./task-files";
import type { MountPoint } from "./task-volumes";

/** A container waits until another one has started, is healthy, or has ended with 0. */
export interface Dependency {
  containerName: string;
  condition: "START" | "HEALTHY" | "SUCCESS";
}

/** A container's place in its task. */
export interface Place {
  /** The task ends when it does. */
  essential: boolean;
  dependsOn: Dependency[];
  mountPoints: MountPoint[];
  secrets: EnvironmentSecret[];
  ports: PortSpec[];
  /** Share of the task's CPU; undefined: what the others leave. */
  cpuUnits: number | undefined;
  /** Upper bound; undefined: that of the task. */
  memoryMiB: number | undefined;
  log: LogConfiguration;
  /** Fargate takes no options of Docker's. */
  fargate: boolean;
}

export interface LogConfiguration {
  logDriver: "awslogs";
  options: Record<string, pulumi.Input<string>>;
}

/** A container as ECS registers it, with no field that would only say the default. */
export interface ContainerDefinition {
  name: string;
  image: pulumi.Input<string>;
  essential: boolean;
  entryPoint?: pulumi.Input<string>[];
  command?: pulumi.Input<string>[];
  environment: { name: string; value: pulumi.Input<string> }[];
  secrets?: EnvironmentSecret[];
  mountPoints: MountPoint[];
  portMappings?: {
    containerPort: number;
    hostPort: number;
    protocol: "tcp";
    name: string;
    appProtocol?: string;
  }[];
  dependsOn?: Dependency[];
  healthCheck?: HealthCheck;
  user: string;
  readonlyRootFilesystem: boolean;
  linuxParameters: { capabilities: { drop: string[]; add?: string[] } };
  dockerSecurityOptions?: string[];
  systemControls?: { namespace: string; value: string }[];
  ulimits?: { name: string; softLimit: number; hardLimit: number }[];
  cpu?: number;
  memory?: number;
  stopTimeout: number;
  restartPolicy?: { enabled: true };
  logConfiguration: LogConfiguration;
}

/** The shortest that ECS takes. */
const SHORTEST_STOP_SECONDS = 2;

/** Lets any user listen on low ports, as on other targets. */
const FIRST_FREE_PORT = 1024;
const LOW_PORTS = { namespace: "net.ipv4.ip_unprivileged_port_start", value: "0" };

/** What Service Connect makes of a port; TCP is its default. */
const APP_PROTOCOLS = { http: "http", grpc: "grpc", tcp: undefined };

export function containerDefinition(spec: ContainerSpec, place: Place): ContainerDefinition {
  const { hardening, ulimits, probe } = spec;
  const { runAsUser, addCapabilities, readOnlyRootFilesystem } = hardening;
  return {
    name: spec.name,
    image: spec.image,
    essential: place.essential,
    ...unlessEmpty("entryPoint", spec.entrypoint ?? []),
    ...unlessEmpty("command", spec.command ?? []),
    environment: Object.entries(spec.environment).map(([name, value]) => ({ name, value })),
    ...unlessEmpty("secrets", place.secrets),
    mountPoints: place.mountPoints,
    ...unlessEmpty("portMappings", place.ports.map(portMapping)),
    ...unlessEmpty("dependsOn", place.dependsOn),
    ...(probe === undefined ? {} : { healthCheck: healthCheck(probe) }),
    user: `${runAsUser}:${runAsUser}`,
    readonlyRootFilesystem: readOnlyRootFilesystem,
    linuxParameters: { capabilities: { drop: ["ALL"], ...unlessEmpty("add", addCapabilities) } },
    ...(place.fargate || hardening.allowPrivilegeEscalation
      ? {}
      : { dockerSecurityOptions: ["no-new-privileges"] }),
    ...unlessEmpty(
      "systemControls",
      place.ports.some(({ port }) => port < FIRST_FREE_PORT) ? [LOW_PORTS] : [],
    ),
    ...unlessEmpty(
      "ulimits",
      ulimits.map(({ name, soft, hard }) => ({ name, softLimit: soft, hardLimit: hard })),
    ),
    ...(place.cpuUnits === undefined ? {} : { cpu: place.cpuUnits }),
    ...(place.memoryMiB === undefined ? {} : { memory: place.memoryMiB }),
    stopTimeout: Math.max(SHORTEST_STOP_SECONDS, spec.stopGraceSeconds),
    logConfiguration: place.log,
  };
}

function portMapping({ name, port, protocol }: PortSpec) {
  const appProtocol = APP_PROTOCOLS[protocol];
  const mapping = { name, containerPort: port, hostPort: port, protocol: "tcp" as const };
  return appProtocol === undefined ? mapping : { ...mapping, appProtocol };
}

function unlessEmpty<K extends string, V>(key: K, list: V[]): { [P in K]?: V[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { [P in K]?: V[] });
}
