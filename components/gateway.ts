import * as pulumi from "@pulumi/pulumi";
import { checkName, checkPort, checkWhole } from "./fields";
import { type GatewayKindName, gatewayKinds } from "./gateways";
import type { RouteSpec } from "./gateways/gateway-kind";
import type { Microservice } from "./microservice";
import type { Platform, PortSpec, Workload } from "./platform";
import { Problems } from "./problems";
import type { Registry } from "./registry";

/** Which requests go to which service. Of the routes that match, the most specific one wins: by host, then by path. */
export interface RouteArgs {
  /** Path and everything below it: `/users` takes `/users` and `/users/1`, not `/usersfile`. This or `exactPath`. */
  path?: string;
  /** Exactly this path. This or `path`. */
  exactPath?: string;
  /** Host names, without port; `*.example.com` for any below. @default - any */
  hosts?: string[];
  /** @default - any */
  methods?: string[];
  /** Headers that must be there with exactly these values. @default {} */
  headers?: Record<string, string>;
  /** The service, or its name. */
  to: Microservice | string;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Protocol of that port. @default - the microservice's own, or "http" where only a name is given */
  protocol?: "http" | "grpc";
  /** Put in place of `path` before the request goes on. @default - the path stays */
  rewritePrefix?: string;
  /** Seconds for the whole answer, tries included, 1 to 3600. @default 15 */
  timeoutSeconds?: number;
  /**
   * Further tries on another instance, 0 to 10: for any method when the request was not sent, for GET, HEAD and OPTIONS
   * also when the answer was cut off or was 502, 503 or 504. @default 2
   */
  retries?: number;
}

export interface GatewayArgs<W extends Workload = Workload> {
  /** Where it runs. */
  platform: Platform<W>;
  /** Where it finds the services' instances. */
  registry: Registry;
  routes: RouteArgs[];
  /** @default "envoy" */
  kind?: GatewayKindName;
  /** Port that clients use. @default 8080 */
  port?: number;
  /** 1 to 100. @default 1 */
  replicas?: number;
  /** Upper bound of one replica in thousandths of a core, 10 to 128000. @default 1000 */
  cpuMillicores?: number;
  /** Upper bound of one replica in MiB, 64 to 1048576. @default 256 */
  memoryMiB?: number;
}

/**
 * The one public door of an architecture: routes requests to live instances, never to a dead or draining one.
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
  /** The target's own resources. */
  readonly workload: W;

  /** @throws RunError with every problem of the arguments. */
  constructor(name: string, args: GatewayArgs<W>, opts?: pulumi.ComponentResourceOptions) {
    const problems = new Problems(`Gateway "${name}"`);
    checkGateway(problems, name, args);
    problems.throwIfAny();
    super("flotilla:index:Gateway", name, {}, opts);

    const { platform, registry } = args;
    const kind = gatewayKinds[args.kind ?? "envoy"];
    const spec = kind.plan({
      name,
      image: platform.pull(`${name}-${kind.image}`, platform.catalogued(kind.image), undefined, this),
      agentImage: platform.agentImage,
      discovery: registry.discovery,
      routes: args.routes.map(routeSpec).sort(bySpecificity),
      replicas: args.replicas ?? 1,
      cpuMillicores: args.cpuMillicores ?? 1000,
      memoryMiB: args.memoryMiB ?? 256,
    });
    this.workload = platform.run(name, { ...spec, startAfter: [registry] }, this);
    for (const { service, port } of args.routes.map(routeSpec)) {
      platform.connect(this.workload, service, port);
    }
    const exposure = {
      service: name,
      discovery: registry.discovery,
      listeners: [{ port: args.port ?? 8080, to: "http", protocol: "http" as const }],
    };
    this.url = platform.expose(name, this.workload, exposure, this).url;
    this.registerOutputs({ url: this.url });
  }
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Records everything that is wrong with a gateway's name and arguments. */
export function checkGateway(
  problems: Problems,
  name: string,
  args: Omit<GatewayArgs, "platform" | "registry">,
): void {
  checkName(problems, "name", name);
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
  args.routes.forEach((route, index) => {
    checkRoute(problems, `routes[${index}]`, route);
    if (typeof route.to !== "string") {
      checkTarget(
        problems,
        `routes[${index}]`,
        route.to.serviceName,
        route.to.workload.spec.ports,
        route.port,
      );
    }
  });
}

/** Records what is wrong with the port that a route leads to, `ports` being those of the service. */
export function checkTarget(
  problems: Problems,
  at: string,
  service: string,
  ports: PortSpec[],
  port: string | undefined,
): void {
  const target = port === undefined ? ports[0] : ports.find((candidate) => candidate.name === port);
  if (ports.length === 0) {
    problems.add(`${at}.to`, "must be a service with ports", service, `Give ${service} a port.`);
  } else if (target === undefined) {
    const known = ports.map((candidate) => candidate.name).join(", ");
    problems.add(`${at}.port`, `must name a port of ${service}`, port, `Known are ${known}.`);
  } else if (target.protocol === "tcp") {
    const fix = `Give that port of ${service} protocol "http" or "grpc", or take the route out.`;
    problems.add(`${at}.to`, "must be a service that speaks http or grpc", service, fix);
  }
}

function checkRoute(problems: Problems, at: string, route: RouteArgs): void {
  if ((route.path === undefined) === (route.exactPath === undefined)) {
    const got = route.path === undefined ? [] : ["path", "exactPath"];
    problems.add(`${at}.path`, "or exactPath must be given, and not both", got, 'Write path: "/users".');
  }
  for (const field of ["path", "exactPath", "rewritePrefix"] as const) {
    const value = route[field];
    if (value !== undefined && !value.startsWith("/")) {
      problems.add(`${at}.${field}`, 'must start with "/"', value, `Write "/${value}".`);
    } else if (value !== undefined && /[?#]/.test(value)) {
      problems.add(
        `${at}.${field}`,
        "must be a path without query",
        value,
        `Write "${value.split(/[?#]/)[0]}".`,
      );
    }
  }
  if (route.path !== undefined && route.path.length > 1 && route.path.endsWith("/")) {
    problems.add(
      `${at}.path`,
      'must not end with "/"',
      route.path,
      `Write "${route.path.replace(/\/+$/, "")}".`,
    );
  }
  if (route.rewritePrefix !== undefined && route.exactPath !== undefined) {
    problems.add(
      `${at}.rewritePrefix`,
      "goes with path only",
      route.rewritePrefix,
      "Write path instead of exactPath.",
    );
  }
  route.methods?.forEach((method, index) => {
    if (!METHODS.includes(method)) {
      const fix = METHODS.includes(method.toUpperCase())
        ? `"${method.toUpperCase()}"`
        : `one of ${METHODS.join(", ")}`;
      problems.add(`${at}.methods[${index}]`, "must be an HTTP method in capitals", method, `Write ${fix}.`);
    }
  });
  route.hosts?.forEach((host, index) => {
    if (!/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host)) {
      const fix = `Write ${JSON.stringify(
        host
          .toLowerCase()
          .replace(/^https?:\/\//, "")
          .replace(/[:/].*$/, ""),
      )}.`;
      problems.add(`${at}.hosts[${index}]`, "must be a host name without scheme, port or path", host, fix);
    }
  });
  checkWhole(problems, `${at}.timeoutSeconds`, route.timeoutSeconds, { min: 1, max: 3600, unit: "seconds" });
  checkWhole(problems, `${at}.retries`, route.retries, { min: 0, max: 10, unit: "" });
}

function routeSpec(route: RouteArgs): RouteSpec {
  const { to, port } = route;
  const known = typeof to === "string" ? undefined : to.workload.spec.ports;
  const target = port === undefined ? known?.[0] : known?.find((candidate) => candidate.name === port);
  return {
    hosts: route.hosts ?? [],
    path: route.path === undefined ? { exact: route.exactPath! } : { prefix: route.path },
    methods: route.methods ?? [],
    headers: route.headers ?? {},
    service: typeof to === "string" ? to : to.serviceName,
    port,
    protocol: route.protocol ?? target?.protocol ?? "http",
    rewritePrefix: route.rewritePrefix,
    timeoutSeconds: route.timeoutSeconds ?? 15,
    retries: route.retries ?? 2,
  };
}

/** Exact before prefix, longer before shorter, more conditions before fewer. */
function bySpecificity(a: RouteSpec, b: RouteSpec): number {
  const rank = (route: RouteSpec): number[] => [
    "exact" in route.path ? 1 : 0,
    "exact" in route.path ? route.path.exact.length : route.path.prefix.length,
    Object.keys(route.headers).length,
    route.methods.length === 0 ? 0 : 1,
  ];
  const [left, right] = [rank(a), rank(b)];
  const differs = left.findIndex((value, index) => value !== right[index]);
  return differs === -1 ? 0 : right[differs] - left[differs];
}
