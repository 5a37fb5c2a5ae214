/** What a picture of an architecture shows, from its description alone. */
import type { Architecture, ServiceDescription } from "../../architecture";

export interface DiagramNode {
  id: string;
  kind: "client" | "gateway" | "service";
  title: string;
  /** How many replicas, e.g. `"×2"` or `"1–4"`. */
  badge?: string;
  /** Smaller lines below the title. */
  lines: string[];
  /** Names of the volumes that outlive a replica. */
  volumes: string[];
}

export interface DiagramEdge {
  from: string;
  to: string;
  /** `waits`: the one starts after the other, and does not call it. */
  kind: "request" | "call" | "waits";
  lines: string[];
}

export interface Diagram {
  title: string;
  nodes: DiagramNode[];
  edges: DiagramEdge[];
  /** Where instances are registered and found, e.g. `"etcd, 3 servers"`. */
  registry: string;
}

const clientId = "client";
const gatewayId = "gateway";
const idOf = (service: string) => `service ${service}`;

const startsAfter = "starts after";

/** Routes that an arrow names before it says how many more there are. */
const mostRoutes = 4;

export function diagramOf(architecture: Architecture): Diagram {
  const { name, gateway, services, registry } = architecture;
  const serverCount = registry.nodes === 3 ? ", 3 servers" : "";
  return {
    title: name,
    registry: `${registry.kind}${serverCount}`,
    nodes: [
      { id: clientId, kind: "client", title: "clients", lines: [], volumes: [] },
      {
        ...{ id: gatewayId, kind: "gateway", title: name, volumes: [] },
        badge: replicasOf(gateway.replicas),
        lines: [`gateway, ${gateway.kind ?? "envoy"}`, ...scalingOf(gateway.autoscaling)],
      },
      ...Object.entries(services).map(([service, description]) => serviceNode(service, description)),
    ],
    edges: [
      { from: clientId, to: gatewayId, kind: "request", lines: [] },
      ...routeEdges(gateway.routes),
      ...Object.entries(services).flatMap(([service, description]) =>
        serviceEdges(service, description, services),
      ),
    ],
  };
}

function serviceNode(name: string, service: ServiceDescription): DiagramNode {
  const { build, image, ports = [], autoscaling, sidecars = [], tasks = [], volumes = {} } = service;
  const source = typeof build === "string" ? build : (build?.context ?? image ?? "");
  const beside = sidecars.map((sidecar) => `+ ${sidecar.name}`);
  const before = tasks.map((task) => `first ${task.name}`);
  return {
    ...{ id: idOf(name), kind: "service", title: name, badge: replicasOf(service.replicas) },
    lines: [
      source,
      ports.map(describePort).join(" · "),
      ...scalingOf(autoscaling),
      ...beside,
      ...before,
    ].filter(Boolean),
    volumes: Object.entries(volumes)
      .filter(([, { kind }]) => kind === "persistent")
      .map(([volume]) => volume),
  };
}

function replicasOf(replicas: ServiceDescription["replicas"] = 1): string | undefined {
  if (typeof replicas === "object") {
    return replicas.min === replicas.max ? `×${replicas.min}` : `${replicas.min}–${replicas.max}`;
  }
  return replicas === 1 ? undefined : `×${replicas}`;
}

function scalingOf(autoscaling: Scaling | undefined): string[] {
  return autoscaling === undefined ? [] : [`scales by ${metricsOf(autoscaling).join(", ")}`];
}

type Scaling = NonNullable<ServiceDescription["autoscaling"]>;

function metricsOf({ cpuPercent, memoryPercent, requestsPerSecond, queue, schedules }: Scaling): string[] {
  return [
    ...(cpuPercent === undefined ? [] : [`cpu ${cpuPercent} %`]),
    ...(memoryPercent === undefined ? [] : [`memory ${memoryPercent} %`]),
    ...(requestsPerSecond === undefined ? [] : [`${requestsPerSecond} requests/s`]),
    ...(queue === undefined ? [] : [`queue ${queue.name}`]),
    ...(schedules === undefined ? [] : ["schedule"]),
  ];
}

type Port = NonNullable<ServiceDescription["ports"]>[number];

function describePort(port: Port): string {
  return typeof port === "number" ? `${port} http` : `${port.port} ${port.protocol ?? "http"}`;
}

type Route = Architecture["gateway"]["routes"][number];

/** One arrow to each service, whatever the number of routes. */
function routeEdges(routes: Route[]): DiagramEdge[] {
  const targets = [...new Set(routes.flatMap(servicesOf))];
  return targets.map((to) => {
    const labels = routes.filter((route) => servicesOf(route).includes(to)).map(describeRoute);
    const more = labels.length - mostRoutes;
    const lines = more > 0 ? [...labels.slice(0, mostRoutes), `and ${more} more`] : labels;
    return { from: gatewayId, to: idOf(to), kind: "request", lines };
  });
}

function servicesOf({ to, aggregate }: Route): string[] {
  return to === undefined ? Object.values(aggregate?.parts ?? {}).map((part) => part.to) : [to];
}

function describeRoute({ path, exactPath, hosts, methods }: Route): string {
  const where = exactPath ?? (path === undefined ? "/" : path);
  return [methods?.join("|"), `${hosts?.join("|") ?? ""}${where}`].filter(Boolean).join(" ");
}

function serviceEdges(
  name: string,
  { calls = [], startAfter = [] }: ServiceDescription,
  services: Architecture["services"],
): DiagramEdge[] {
  const called = [...new Set(calls.map((call) => call.split(":")[0]!))];
  const from = idOf(name);
  const callEdges = called.map((to): DiagramEdge => {
    const ports = calls.filter((call) => call.split(":")[0] === to).map((call) => call.split(":")[1]);
    const protocols = ports.map((port) => protocolOf(services[to], port));
    const waiting = startAfter.includes(to) ? [startsAfter] : [];
    return { from, to: idOf(to), kind: "call", lines: [[...new Set(protocols)].join(", "), ...waiting] };
  });
  const waitEdges = startAfter
    .filter((to) => !called.includes(to))
    .map((to): DiagramEdge => ({ from, to: idOf(to), kind: "waits", lines: [startsAfter] }));
  return [...callEdges, ...waitEdges];
}

/** What is spoken on a port of a service; its first one when none is named. */
function protocolOf(service: ServiceDescription | undefined, name: string | undefined): string {
  const ports = service?.ports ?? [];
  const port =
    name === undefined ? ports[0] : ports.find((each) => typeof each === "object" && each.name === name);
  return typeof port === "object" ? (port.scheme ?? port.protocol ?? "http") : "http";
}
