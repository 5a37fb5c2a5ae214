import * as pulumi from "@pulumi/pulumi";
import { checkName, checkPort, checkUnique, checkWhole } from "./fields";
import { connectionsOf, gatewaySpec } from "./gateway-spec";
import { type GatewayKindName, gatewayKinds } from "./gateways";
import type { GatewaySpec, Platform, Workload } from "./platform";
import { type AuthenticationArgs, checkAuthentication } from "./policies/authentication";
import { checkAccess } from "./policies/authorization";
import { Problems } from "./problems";
import type { Registry } from "./registry";
import { bySpecificity, checkRoute, checkShadows, matchOf, type RouteArgs } from "./route";

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
  /** 1 to 100. @default 1 */
  replicas?: number;
  /** Upper bound of one replica in thousandths of a core, 10 to 128000. @default 1000 */
  cpuMillicores?: number;
  /** Upper bound of one replica in MiB, 64 to 1048576. @default 256 */
  memoryMiB?: number;
  /** Ways in which callers prove who they are, by the name that routes say. Each route then says one, or `"anonymous"`. @default {} */
  authentication?: Record<string, AuthenticationArgs>;
}

/**
 * The one public door of an architecture: routes requests to live instances, never to a dead or draining one. Its port
 * stays open while it rolls; on local Docker a change of the agent's image closes it for some seconds.
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
    const spec = gatewaySpec(args);
    const port = args.port ?? 8080;
    if (platform.router !== undefined) {
      this.url = platform.router.route(name, spec, port, this).url;
    } else {
      this.workload = this.run(name, spec, args);
      const exposure = {
        service: name,
        discovery: args.registry.discovery,
        listeners: [{ port, to: "http", protocol: "http" as const }],
      };
      this.url = platform.expose(name, this.workload, exposure, this).url;
    }
    this.registerOutputs({ url: this.url });
  }

  private run(name: string, spec: GatewaySpec, args: GatewayArgs<W>): W {
    const { platform, registry } = args;
    const kind = gatewayKinds[args.kind ?? "envoy"];
    const planned = kind.plan({
      name,
      image: platform.pull(`${name}-${kind.image}`, platform.catalogued(kind.image), undefined, this),
      agentImage: platform.agentImage,
      discovery: registry.discovery,
      spec: { ...spec, routes: [...spec.routes].sort(bySpecificity) },
      replicas: args.replicas ?? 1,
      cpuMillicores: args.cpuMillicores ?? 1000,
      memoryMiB: args.memoryMiB ?? 256,
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

/** Records everything that is wrong with a gateway's arguments. */
export function checkGateway(problems: Problems, args: Omit<GatewayArgs, "platform" | "registry">): void {
  const { authentication = {} } = args;
  if (args.routes.length === 0) {
    problems.add("routes", "must not be empty", [], 'Write [{ path: "/", to: "users" }].');
  }
  if (args.kind !== undefined && !(args.kind in gatewayKinds)) {
    const kinds = Object.keys(gatewayKinds);
    problems.add("kind", `must be one of ${kinds.join(", ")}`, args.kind, `Write "${kinds[0]}".`);
  }
  if (args.port !== undefined) {
    checkPort(problems, "port", args.port);
  }
  checkWhole(problems, "replicas", args.replicas, { min: 1, max: 100, unit: "replicas" });
  checkWhole(problems, "cpuMillicores", args.cpuMillicores, { min: 10, max: 128000, unit: "millicores" });
  checkWhole(problems, "memoryMiB", args.memoryMiB, { min: 64, max: 1048576, unit: "MiB" });
  checkAuthentication(problems, "authentication", authentication);
  args.routes.forEach((route, index) => {
    checkRoute(problems, `routes[${index}]`, route);
    checkAccess(problems, `routes[${index}]`, route, authentication);
  });
  const matches = args.routes.map((route, index) => ({ path: `routes[${index}]`, value: matchOf(route) }));
  checkUnique(problems, matches, "Take one of the two out.");
  checkShadows(problems, args.routes);
}
