import * as pulumi from "@pulumi/pulumi";
import { callEnvironment, DRAIN_SECONDS, forwardSidecar, registerSidecar } from "./agent-sidecars";
import { checkMicroservice } from "./check-microservice";
import { type CallArgs, callArgs, callSpecs, type PortArgs, portSpecs } from "./connections";
import {
  type ContainerArgs,
  containerImage,
  containerSpec,
  type NamedContainerArgs,
  volumeSpecs,
} from "./container";
import type { ContainerSpec, SidecarSpec } from "./container-spec";
import { checkName } from "./fields";
import type { Platform, Replicas, Workload, WorkloadSpec } from "./platform";
import type { ProbeArgs } from "./probe";
import { Problems } from "./problems";
import type { Registry } from "./registry";

/** A container in the same network as the main one. */
export interface SidecarArgs extends NamedContainerArgs {
  /** `before`: healthy before the main container starts, stops after it; `after`: the reverse. @default "before" */
  order?: "before" | "after";
}

export interface MicroserviceArgs<W extends Workload = Workload> extends ContainerArgs {
  /** Where it runs. */
  platform: Platform<W>;
  /** Where it is found, and finds others. @default - it is not registered and calls nobody */
  registry?: Registry;
  /** Ports that it serves, the main one first; a number alone is one that speaks HTTP. @default [] */
  ports?: (number | PortArgs)[];
  /**
   * How the container is asked whether it can serve; an instance is found once it can.
   * @default - a TCP connection to the first port, where there is one
   */
  probe?: ProbeArgs;
  /**
   * A number, or a range for an `AutoscalingPolicy`; 1 to 1000. The minimum of a range may be 0 where the policy has a queue
   * or schedules. @default 1
   */
  replicas?: Replicas;
  /**
   * Services that it calls: each is found under `<NAME>_URL` in its and its sidecars' environment. May be cyclic.
   * @default []
   */
  calls?: (string | CallArgs)[];
  /** Components that are healthy before it starts. @default [] */
  startAfter?: pulumi.ComponentResource[];
  /** Containers beside the main one, in the same network. @default [] */
  sidecars?: SidecarArgs[];
  /**
   * Run one after the other, to success, in each replica before anything else of it: also before the forwarder of `calls`,
   * so that they have none of its URLs. @default []
   */
  initContainers?: NamedContainerArgs[];
  /**
   * Run once, to success, whenever the service changes and before its replicas do (migrations). They belong to no replica,
   * so that they have no URLs of `calls`: give them addresses of the target itself. @default []
   */
  tasks?: NamedContainerArgs[];
  /**
   * Facts that the registry holds of each instance, e.g. `{ version: "2" }`. `weight`, "1" to "128", is its share of calls
   * relative to other instances, `zone` where it runs. @default {}
   */
  metadata?: Record<string, string>;
  /**
   * Gives its containers credentials of the target's own API: on Kubernetes the token of its ServiceAccount, which may do
   * nothing until a role is bound to it; local Docker refuses it. @default false
   */
  platformCredentials?: boolean;
}

/**
 * A service: one image, its ports, and as many replicas as asked for, healthy before they are found and drained before
 * they stop.
 *
 * @example
 * const orders = new Microservice("orders", {
 *   platform,
 *   registry,
 *   build: "services/orders",
 *   ports: [{ port: 8080 }],
 *   probe: { http: { path: "/readyz" } },
 *   calls: ["users"],
 * });
 */
export class Microservice<W extends Workload = Workload> extends pulumi.ComponentResource {
  /** Name under which the registry knows it. */
  readonly serviceName: string;
  readonly platform: Platform<W>;
  /** Reference of the image that runs. */
  readonly image: pulumi.Output<string>;
  /** The target's own resources. */
  readonly workload: W;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: MicroserviceArgs<W>, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`Microservice "${name}"`);
    checkName(problems, "name", name);
    checkMicroservice(problems, args);
    problems.throwIfAny();
    super("flotilla:index:Microservice", name, {}, opts);

    this.serviceName = name;
    this.platform = args.platform;
    const image = containerImage(args.platform, name, args, this);
    this.image = pulumi.output(image);
    this.workload = args.platform.run(name, this.spec(name, image, args), this);
    for (const { service, port } of (args.calls ?? []).map(callArgs)) {
      args.platform.connect(this.workload, service, port);
    }
    this.registerOutputs({ image: this.image, address: this.workload.address });
  }

  private spec(name: string, image: pulumi.Input<string>, args: MicroserviceArgs<W>): WorkloadSpec {
    const { platform, registry } = args;
    const ports = portSpecs(args.ports);
    const calls = callSpecs(args.calls);
    const firstPort = ports[0]?.port;
    const extra = (container: NamedContainerArgs): ContainerSpec => {
      const own = containerImage(platform, `${name}-${container.name}`, container, this);
      return containerSpec(container.name, own, container, firstPort);
    };
    const probe = args.probe ?? (firstPort === undefined ? undefined : { tcp: {} });
    const main = containerSpec("main", image, { ...args, probe }, firstPort);
    const urls = callEnvironment(calls);
    main.environment = {
      ...(firstPort === undefined ? {} : { PORT: String(firstPort) }),
      ...urls,
      ...main.environment,
    };
    const sidecars = (args.sidecars ?? []).map((sidecar): SidecarSpec => {
      const own = extra(sidecar);
      return { ...own, environment: { ...urls, ...own.environment }, order: sidecar.order ?? "before" };
    });
    if (registry !== undefined && calls.length > 0) {
      const forward = forwardSidecar(platform.agentImage, registry.discovery, calls);
      sidecars.unshift({ ...forward, startAfter: [registry] });
    }
    if (registry !== undefined && ports.length > 0) {
      const { probe } = main;
      const metadata = args.metadata ?? {};
      const registration = { service: name, ports, probe, metadata, onDrain: [] };
      sidecars.push(registerSidecar(platform.agentImage, registry.discovery, registration));
      // The agent asks the same probe more often at the start; waiting for it alone is sooner done.
      main.awaitHealthy = probe !== undefined && "exec" in probe;
    }
    const containers = [
      args,
      ...(args.sidecars ?? []),
      ...(args.initContainers ?? []),
      ...(args.tasks ?? []),
    ];
    const volumes = volumeSpecs(containers);
    return {
      lifetime: "service",
      main,
      sidecars,
      init: (args.initContainers ?? []).map(extra),
      tasks: (args.tasks ?? []).map(extra),
      ports,
      volumes,
      replicas: args.replicas ?? 1,
      rollout: volumes.some((volume) => volume.kind === "persistent") ? "recreate" : "rolling",
      startAfter: [...(args.startAfter ?? []), ...(registry === undefined ? [] : [registry])],
      drainSeconds: registry !== undefined && ports.length > 0 ? DRAIN_SECONDS : 0,
      admits: "callers",
      platformCredentials: args.platformCredentials ?? false,
    };
  }
}
