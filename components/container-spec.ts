/**
 * Containers, as the contract of `platform.ts` has them: what they run, may do and use, and how they are asked.
 */
import type * as pulumi from "@pulumi/pulumi";

/** How bytes on a port are to be understood by probes, forwarders and gateways. */
export type Protocol = "http" | "grpc" | "tcp";

/** A port on which the main container listens. */
export interface PortSpec {
  /** Unique within the workload, e.g. `"http"`. */
  name: string;
  /** 1 to 65535; 15000 to 15099 belong to the agent. */
  port: number;
  protocol: Protocol;
  /** Scheme of the URL that callers are given, e.g. `"redis"`. */
  scheme: string;
}

/** Timing that every probe kind shares; the ranges are those that Docker, Kubernetes and ECS all accept. */
export interface ProbeTiming {
  /** Seconds between two probes, 1 to 300. */
  intervalSeconds: number;
  /** Seconds after which one probe counts as failed, 1 to 60. */
  timeoutSeconds: number;
  /** Consecutive failures that make the container unhealthy, 1 to 10. */
  retries: number;
  /** Seconds after the start in which failures do not count, 0 to 300. */
  startPeriodSeconds: number;
}

/** Exactly one way to ask a container whether it can serve. */
export type ProbeAction =
  | { http: { port: number; path: string } }
  | { grpc: { port: number; service?: string } }
  | { tcp: { port: number } }
  | { exec: { command: string[] } }
  /** Asks a container of the agent's image whether it is ready; `loopback`: only from within its replica. */
  | { agent: { port: number; loopback: boolean } };

export type ProbeSpec = ProbeAction & ProbeTiming;

/** A file that exists in a container before its process starts. */
export interface FileSpec {
  /** Absolute path inside the container. */
  path: string;
  content: pulumi.Input<string>;
  /** Octal permission bits, e.g. `"0444"`. The file belongs to root, so a non-root process needs "other" bits. */
  mode: string;
  /** Keeps the content out of logs and shows it nowhere but in the file. */
  secret: boolean;
  /**
   * `false`: a changed content rolls the workload. `true`: a running container sees the new content within a
   * minute and nothing restarts (the reader watches the file).
   */
  live: boolean;
}

/** Files that containers of several workloads share; written once. */
export interface FileBundle {
  /** Unique within the platform. */
  name: string;
  files: FileSpec[];
}

/** CPU and memory that one container may use at most. */
export interface ResourceLimits {
  /** Thousandths of a core. */
  cpuMillicores: number;
  memoryMiB: number;
}

/** What a container may do on its host; every default is the strict one. */
export interface Hardening {
  /** Numeric user (and group) the process runs as; 0 is root. */
  runAsUser: number;
  readOnlyRootFilesystem: boolean;
  /** Capabilities added back after all were dropped, without `CAP_`, e.g. `"NET_BIND_SERVICE"`. */
  addCapabilities: string[];
  allowPrivilegeEscalation: boolean;
  /** JSON text of a seccomp profile, or `"default"` or `"unconfined"`. */
  seccompProfile: string;
}

/** A volume of the workload, mounted into one of its containers. */
export interface MountSpec {
  /** Name of a {@link VolumeSpec} of the workload. */
  volume: string;
  /** Absolute path inside the container. */
  path: string;
  readOnly: boolean;
}

export interface VolumeSpec {
  name: string;
  /** `ephemeral` lives and dies with the replica, in memory; `persistent` outlives it and follows it. */
  kind: "ephemeral" | "persistent";
  /** Upper bound in MiB. Undefined: not asked for, as it may be for a persistent volume. */
  sizeMiB?: number;
}

export interface UlimitSpec {
  /** As in setrlimit(2), lower case, e.g. `"nofile"`. */
  name: string;
  soft: number;
  hard: number;
}

/** One container of a workload. */
export interface ContainerSpec {
  /** Unique within the workload. */
  name: string;
  image: pulumi.Input<string>;
  /** Replaces the image's entry point. */
  entrypoint?: pulumi.Input<string>[];
  /** Arguments of the entry point. */
  command?: pulumi.Input<string>[];
  environment: Record<string, pulumi.Input<string>>;
  files: FileSpec[];
  bundles: FileBundle[];
  mounts: MountSpec[];
  resources: ResourceLimits;
  ulimits: UlimitSpec[];
  hardening: Hardening;
  probe?: ProbeSpec;
  /** Whether a rollout waits for this container's own probe; default: it does when there is one. */
  awaitHealthy?: boolean;
  /** Seconds between the request to stop (SIGTERM) and SIGKILL, 0 to 120. */
  stopGraceSeconds: number;
  /** What happens when the process ends by itself. */
  restart: "always" | "on-failure" | "never";
  logRotation: LogRotation;
}

/** How much of a container's output the host keeps. */
export interface LogRotation {
  maxSizeMiB: number;
  maxFiles: number;
}

/** A container beside the main one, in the same network. */
export interface SidecarSpec extends ContainerSpec {
  /** `before`: healthy before the main one starts, stops after it. `after`: starts after it, stops before it. */
  order: "before" | "after";
  /** What is healthy before it starts. Where a target starts the containers at once, the workload's counts. @default - the workload's */
  startAfter?: pulumi.Resource[];
}
