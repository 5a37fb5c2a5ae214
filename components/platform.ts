/**
 * The contract between the component classes and the targets: interfaces only.
 *
 * The classes (Microservice, Gateway, Registry, AutoscalingPolicy) say *what* runs as a {@link WorkloadSpec};
 * a {@link Platform} says *how* it runs on one target. A platform carries no field that names its target, so
 * shared code has nothing to branch on. Structure (lists, kinds, counts) is plain; values are `pulumi.Input`.
 */
import type * as pulumi from "@pulumi/pulumi";
import type {
  ContainerSpec,
  FileBundle,
  PortSpec,
  Protocol,
  SidecarSpec,
  VolumeSpec,
} from "./container-spec";
import type { ImageName } from "./images";
import type {
  AddressesSpec,
  AggregateSpec,
  AuthorizationSpec,
  CorsSpec,
  GatewayPolicies,
  MirrorSpec,
  RateLimitSpec,
  SplitSpec,
} from "./policy-specs";

/**
 * How many replicas run: a fixed number, or a range that an autoscaling policy moves within. A range starts with its
 * minimum, and with one where that is 0: something must run before a policy can tell that nothing has to.
 */
export type Replicas = number | { min: number; max: number };

/** Anything that runs: a service that stays, or a task that ends. */
export interface WorkloadSpec {
  lifetime: "service" | "task";
  main: ContainerSpec;
  sidecars: SidecarSpec[];
  /** Run one after the other, to success, in each replica before anything else starts. */
  init: ContainerSpec[];
  ports: PortSpec[];
  volumes: VolumeSpec[];
  replicas: Replicas;
  /** `rolling`: new replicas are healthy before old ones stop. `recreate`: old ones stop first. */
  rollout: "rolling" | "recreate";
  /** Workloads that are healthy before this one starts. */
  startAfter: pulumi.Resource[];
  /** Containers run once to success whenever the workload changes, before its replicas do. */
  tasks: ContainerSpec[];
  /** Seconds that callers need to notice that a replica drains, before its main container is asked to stop. */
  drainSeconds: number;
  /** Seconds for which a new replica is ready before the target's own balancing counts on it. @default 0 */
  settleSeconds?: number;
  /** Who may connect to its ports: the workloads of {@link Platform.connect} alone, or every one of the platform. */
  admits: "callers" | "platform";
  /** Lets its containers use the target's own API. @default false */
  platformCredentials?: boolean;
}

/** A workload as it runs; each target adds its own typed resources. */
export interface Workload extends pulumi.ComponentResource {
  /** DNS name that resolves to the addresses of all replicas, for workloads of the same platform. */
  readonly address: pulumi.Output<string>;
  readonly spec: WorkloadSpec;
}

/** An image built from source. */
export interface ImageBuild {
  /** Folder sent to the builder, relative to the program's working directory, or absolute. */
  context: string;
  /** Relative to the context. */
  dockerfile: string;
  args: Record<string, string>;
  target?: string;
  /** E.g. `"linux/amd64"`; default: the platform's own. */
  platform?: string;
}

/** Credentials for a private image registry. */
export interface ImageCredentials {
  /** Host of the image registry, e.g. `"registry.example.com"`. */
  address: string;
  username: pulumi.Input<string>;
  password: pulumi.Input<string>;
}

/** One public address of a workload. */
export interface Listener {
  /** Port that clients use. */
  port: number;
  /** Name of the workload's port that serves it. */
  to: string;
  protocol: Protocol | "https";
}

export interface Exposure {
  /** Name under which the workload's instances are registered. */
  service: string;
  /** How the agent of the target finds the workload's live instances. */
  discovery: Discovery;
  listeners: Listener[];
}

/** The public side of an exposed workload. */
export interface Exposed {
  /** Where clients reach the first listener, e.g. `http://127.0.0.1:8080`. */
  readonly url: pulumi.Output<string>;
}

/** One rule of a gateway with every default filled in. */
export interface RouteSpec {
  /** Host names without port; empty means any. */
  hosts: string[];
  path: { prefix: string } | { exact: string };
  /** Upper-case methods; empty means any. */
  methods: string[];
  headers: Record<string, string>;
  /** Where it leads; the empty text where it joins what several services answer. */
  service: string;
  aggregate?: AggregateSpec;
  /** Name of the service's port; undefined means its first one. */
  port?: string;
  protocol: Protocol;
  /** What the instances' metadata must say; empty means any instance. */
  metadata: Record<string, string>;
  /** What stands in place of the matched prefix; undefined leaves the path as it is. */
  rewritePrefix?: string;
  timeoutSeconds: number;
  /** Tries after the first one. */
  retries: number;
  /** Name of the way in which callers prove who they are; undefined: none is asked for. */
  authentication?: string;
  authorization?: AuthorizationSpec;
  rateLimit?: RateLimitSpec;
  /** KiB of a request's body; undefined: any. */
  maxBodyKiB?: number;
  addresses?: AddressesSpec;
  cors?: CorsSpec;
  split: SplitSpec[];
  mirror?: MirrorSpec;
  /** Of one try; undefined: the whole time-out. */
  tryTimeoutSeconds?: number;
}

/** What a gateway does, every default filled in. */
export interface GatewaySpec {
  routes: RouteSpec[];
  policies: GatewayPolicies;
}

/** The target's own gateway, for those who have one and want it instead of ours. */
export interface Router {
  /**
   * Sends a listener's requests to services by these routes, in the order of the description; of those that match a request,
   * the most specific one wins.
   *
   * @throws RunError with every field of the gateway and its routes that the target's gateway cannot express.
   */
  route(name: string, spec: GatewaySpec, port: number, parent: pulumi.Resource): Exposed;
}

/** What an agent needs in order to use a registry: arguments and files. */
export interface Discovery {
  arguments: pulumi.Input<string>[];
  bundles: FileBundle[];
}

/** A queue of one of the target's workloads whose length moves the replicas of another one. */
export interface QueueSpec {
  kind: "redis" | "amqp";
  /** Name of the workload that holds the queue. */
  service: string;
  port: number;
  /** Key of the Redis list, or name of the AMQP queue. */
  name: string;
  backlogPerReplica: number;
  username?: string;
  password?: pulumi.Input<string>;
}

/** A time that comes again and again, in which at least `min` replicas run. */
export interface ScheduleSpec {
  /** Five cron fields. */
  start: string;
  end: string;
  /** IANA name. */
  timezone: string;
  min: number;
}

/** The metrics that move the replicas of one workload; the one that asks for most replicas wins. */
export interface ScalingSpec {
  /** 0 only beside a queue or a schedule. */
  min: number;
  max: number;
  cpuPercent?: number;
  memoryPercent?: number;
  requestsPerSecond?: number;
  queue?: QueueSpec;
  schedules: ScheduleSpec[];
  scaleInCooldownSeconds: number;
  scaleOutCooldownSeconds: number;
}

export interface Autoscaler {
  /** Whether something on the target really changes the number of replicas. */
  readonly enforced: boolean;
}

/** One target, ready to run workloads. */
export interface Platform<W extends Workload = Workload> {
  /** Name that separates this platform's workloads from others in a shared registry. */
  readonly namespace: string;
  /** The agent's image (see `components/agent`). */
  readonly agentImage: pulumi.Input<string>;
  /** How an agent finds live instances by the target's own names, without a registry. */
  readonly names: Discovery;
  /** Undefined: gateways run as workloads. */
  readonly router?: Router;
  /** Proxies in front of what is exposed, each of which adds the address of its client to `X-Forwarded-For`. */
  readonly proxiesInFront: number;
  /** DNS name that a workload of this name has for others of the platform, also before it is there. */
  address(workload: string): string;
  /** Reference of an image of the catalogue in `images.ts`, as this platform gets it. */
  catalogued(name: ImageName): string;
  /** Builds an image, pushes it where the target needs that, and gives the reference that runs. */
  image(name: string, build: ImageBuild, parent: pulumi.Resource): pulumi.Input<string>;
  /** Makes a ready-made image available, with credentials where it is private, and gives the reference that runs. */
  pull(
    name: string,
    reference: pulumi.Input<string>,
    credentials: ImageCredentials | undefined,
    parent: pulumi.Resource,
  ): pulumi.Input<string>;
  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): W;
  /** Admits traffic from one workload to a service, named so that calls may be cyclic. */
  connect(from: W, toService: string, port: string | undefined): void;
  expose(name: string, workload: W, exposure: Exposure, parent: pulumi.Resource): Exposed;
  autoscale(name: string, scaling: ScalingSpec, workload: W, parent: pulumi.Resource): Autoscaler;
}
