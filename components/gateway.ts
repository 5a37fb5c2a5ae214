import * as pulumi from "@pulumi/pulumi";
import { checkGateway } from "./check-gateway";
import { checkName } from "./fields";
import { gatewayCertificate } from "./gateway-certificate";
import { connectionsOf, gatewaySpec } from "./gateway-spec";
import { type GatewayKindName, gatewayKinds } from "./gateways";
import { tcpPortName } from "./gateways/gateway-kind";
import type { GatewaySpec, Listener, Platform, Replicas, Workload } from "./platform";
import type { AddressesArgs } from "./policies/addresses";
import type { AuthenticationArgs } from "./policies/authentication";
import type { CorsArgs } from "./policies/cors";
import type { LimitsArgs } from "./policies/limits";
import type { RateLimitArgs } from "./policies/rate-limit";
import type { SecurityHeadersArgs } from "./policies/security-headers";
import type { TcpArgs } from "./policies/tcp";
import type { TlsArgs } from "./policies/tls";
import type { UpstreamArgs } from "./policies/upstream";
import { Problems } from "./problems";
import type { Registry } from "./registry";
import { bySpecificity, type RouteArgs } from "./route";

export interface GatewayArgs<W extends Workload = Workload> {
  /** Where it runs. */
  platform: Platform<W>;
  /** Where it finds the services' instances. */
  registry: Registry;
  /** Which requests go where, at least one; their order does not matter. */
  routes: RouteArgs[];
  /** Program that routes. @default "envoy" */
  kind?: GatewayKindName;
  /** Port that clients use. @default 8080 */
  port?: number;
  /** 1 to 100, or a range within which an autoscaling policy moves them. @default 1 */
  replicas?: Replicas;
  /** Upper bound of one replica in thousandths of a core, 10 to 128000. @default 1000 */
  cpuMillicores?: number;
  /** Upper bound of one replica in MiB, 64 to 1048576. @default 256 */
  memoryMiB?: number;
  /** Ways in which callers prove who they are, by the name that routes say. Each route then says one, or `"anonymous"`. @default {} */
  authentication?: Record<string, AuthenticationArgs>;
  /** How many requests all routes together take, beside the routes' own limits. @default - any */
  rateLimit?: RateLimitArgs;
  /** Most KiB of a request's body, 1 to 1048576, of routes that say nothing else and are not gRPC; more gets 413. @default - any */
  maxBodyKiB?: number;
  /** Client addresses that may come in, of routes that say nothing else. @default - any */
  addresses?: AddressesArgs;
  /** Web pages of other origins that may use it, of routes that say nothing else. @default - none */
  cors?: CorsArgs;
  /** Headers with which every answer tells browsers to be careful; `{}` for the usual ones. @default - none */
  securityHeaders?: SecurityHeadersArgs;
  /** What one replica takes of clients. @default {} */
  limits?: LimitsArgs;
  /**
   * Proxies in a row before the gateway, 0 to 10, each of which adds to `X-Forwarded-For`: the client's address is the one that
   * the first of them saw. With 0 the header is not believed. @default 0
   */
  trustedProxies?: number;
  /** Serves HTTPS; `{}` with a generated certificate. @default - plain HTTP */
  tls?: TlsArgs;
  /** How instances are treated, by service or `service:port`. @default {} */
  upstreams?: Record<string, UpstreamArgs>;
  /** Ports whose connections go to services as they are. @default [] */
  tcp?: TcpArgs[];
}

/**
 * The one public door of an architecture: routes requests to live instances, never to a dead or draining one. Its port
 * stays open while it rolls; on local Docker a change of the agent's image closes it for some seconds. A replica is ready once each
 * service that a route leads to has an instance, or after 30 s: what `up` brought up beside it answers when `up` ends.
 *
 * @example
 * const gateway = new Gateway("edge", {
 *   platform,
 *   registry,
 *   routes: [
 *     { path: "/users", to: users },
 *     { path: "/orders", to: orders, methods: ["GET", "POST"] },
 *   ],
 * });
 */
export class Gateway<W extends Workload = Workload> extends pulumi.ComponentResource {
  /** Name under which the registry knows it. */
  readonly serviceName: string;
  readonly platform: Platform<W>;
  /** Where clients reach it, e.g. `http://127.0.0.1:8080`. */
  readonly url: pulumi.Output<string>;
  /** The target's own resources; undefined where the target's own gateway serves the routes. */
  readonly workload: W | undefined;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: GatewayArgs<W>, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`Gateway "${name}"`);
    checkName(problems, "name", name);
    checkGateway(problems, args);
    if (args.platform.router !== undefined) {
      refuseOwn(problems, args);
    }
    problems.throwIfAny();
    super("flotilla:index:Gateway", name, {}, opts);

    const { platform } = args;
    this.serviceName = name;
    this.platform = platform;
    const spec = gatewaySpec(args);
    const port = args.port ?? 8080;
    if (platform.router !== undefined) {
      this.url = platform.router.route(name, spec, port, this).url;
    } else {
      this.workload = this.run(name, spec, args);
      const exposure = {
        service: name,
        discovery: args.registry.discovery,
        listeners: listenersOf(spec, port),
      };
      this.url = platform.expose(name, this.workload, exposure, this).url;
    }
    this.registerOutputs({ url: this.url });
  }

  private run(name: string, spec: GatewaySpec, args: GatewayArgs<W>): W {
    const { platform, registry } = args;
    const kind = gatewayKinds[args.kind ?? "envoy"];
    const trustedProxies = spec.policies.trustedProxies + platform.proxiesInFront;
    const planned = kind.plan({
      name,
      image: platform.pull(`${name}-${kind.image}`, platform.catalogued(kind.image), undefined, this),
      agentImage: platform.agentImage,
      discovery: registry.discovery,
      spec: {
        routes: [...spec.routes].sort(bySpecificity),
        policies: { ...spec.policies, trustedProxies },
      },
      replicas: args.replicas ?? 1,
      cpuMillicores: args.cpuMillicores ?? 1000,
      memoryMiB: args.memoryMiB ?? 256,
      certificate: args.tls === undefined ? undefined : gatewayCertificate(name, args.tls, this),
    });
    const workload = platform.run(name, { ...planned, startAfter: [registry] }, this);
    for (const { service, port } of connectionsOf(spec)) {
      platform.connect(workload, service, port);
    }
    return workload;
  }
}

/** Records everything that only a gateway of ours has, where the platform's own one serves the routes. */
function refuseOwn(problems: Problems, args: Omit<GatewayArgs, "platform" | "registry">): void {
  const fix = "Take it out, or use a gateway of Flotilla's.";
  const own = "is for a gateway of Flotilla's, and this platform's own one routes";
  for (const field of ["kind", "replicas", "cpuMillicores", "memoryMiB"] as const) {
    if (args[field] !== undefined) {
      problems.add(field, own, args[field], fix);
    }
  }
  args.routes.forEach(({ metadata }, index) => {
    if (metadata !== undefined) {
      const rule = "cannot be kept by this platform's own gateway, which knows services but no metadata";
      problems.add(`routes[${index}].metadata`, rule, metadata, fix);
    }
  });
}

/** The public ports, the first of which the gateway's URL names. */
function listenersOf({ policies: { tls, tcp } }: GatewaySpec, port: number): Listener[] {
  return [
    ...(tls === undefined ? [] : [{ port: tls.port, to: "https", protocol: "https" as const }]),
    { port, to: "http", protocol: "http" },
    ...tcp.map(({ listen }) => ({ port: listen, to: tcpPortName(listen), protocol: "tcp" as const })),
  ];
}
