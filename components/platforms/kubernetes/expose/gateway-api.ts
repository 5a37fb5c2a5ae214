import { createHash } from "node:crypto";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, GatewaySpec, Router, RouteSpec } from "../../../platform";
import { Problems } from "../../../problems";
import type { ClusterObject, ClusterReader } from "../cluster-reader";
import type { KubernetesHost } from "../host";
import type { PortsOf } from ".";
import type { GatewayApiArgs } from "./expose-args";
import { checkFeatures, checkGatewayApiRoutes, gatewayApiRoute } from "./gateway-api-routes";
import { publicUrl } from "./public-url";
import { refuseGuards } from "./refusals";
import { routedServices } from "./routed-services";

const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** What a Gateway tells of itself. */
interface GatewayStatus {
  addresses?: { value?: string }[];
}

/** Routes by the cluster's own controller of the Gateway API. */
export class GatewayApiRouter implements Router {
  constructor(
    private readonly host: KubernetesHost,
    private readonly args: Omit<GatewayApiArgs, "kind">,
    private readonly portsOf: PortsOf,
  ) {}

  route(name: string, spec: GatewaySpec, port: number, parent: pulumi.Resource): Exposed {
    const problems = new Problems(`Gateway "${name}"`);
    const { routes } = spec;
    checkGatewayApiRoutes(problems, routes);
    refuseGuards(problems, spec, "the Gateway API");
    problems.throwIfAny();
    const { host, args } = this;
    const gatewayClassName = host.cluster.ask((cluster) =>
      findClass(cluster, name, args.gatewayClass, routes),
    );
    const listener = { name: "http", port, protocol: "HTTP" };
    const wait = { "pulumi.com/waitFor": "jsonpath={.status.addresses}" };
    const gateway = new CustomResource(
      name,
      {
        apiVersion: GATEWAY_API,
        kind: "Gateway",
        metadata: host.metadata(name, undefined, { annotations: args.address === undefined ? wait : {} }),
        spec: { gatewayClassName, listeners: [listener] },
        // Makes an output of what the controller tells.
        status: undefined as unknown as pulumi.Input<GatewayStatus>,
      },
      host.options(parent),
    ) as CustomResource & { status: pulumi.Output<GatewayStatus | undefined> };
    const backends = routedServices(host, name, routes, this.portsOf, args.controllerNamespace, parent);
    routes.forEach((route, index) => {
      const routeName = `${name}-${matchDigest(route)}`;
      new CustomResource(
        routeName,
        {
          apiVersion: GATEWAY_API,
          metadata: host.metadata(routeName),
          ...gatewayApiRoute(name, route, backends[index]),
        },
        host.options(parent, { dependsOn: [gateway] }),
      );
    });
    const url = gateway.status.apply((status) => {
      return publicUrl("http", args.address ?? status?.addresses?.[0]?.value, port);
    });
    return { url };
  }
}

/** Names a route's object by what it matches, so that another route that comes or goes leaves it alone. */
function matchDigest({ hosts, path, methods, headers, protocol }: RouteSpec): string {
  const content = JSON.stringify([hosts, path, methods, headers, protocol]);
  return createHash("sha256").update(content).digest("hex").slice(0, 8);
}

/** Name of the class whose controller serves the routes. */
async function findClass(
  cluster: ClusterReader,
  gateway: string,
  wanted: string | undefined,
  routes: RouteSpec[],
): Promise<string> {
  const problems = new Problems(`Gateway "${gateway}"`);
  if (!(await cluster.served()).includes(GATEWAY_API)) {
    const rule = `needs a cluster that serves ${GATEWAY_API}`;
    problems.add(
      "expose",
      rule,
      "gateway-api",
      'Install the Gateway API there, or write expose: "load-balancer".',
    );
    problems.throwIfAny();
  }
  const classes = await cluster.list(GATEWAY_API, "gatewayclasses");
  const names = classes.map(({ metadata }) => metadata.name);
  const found = wanted === undefined && classes.length === 1 ? classes[0] : byName(classes, wanted);
  if (found === undefined) {
    const rule = "must name a GatewayClass of the cluster where it has not exactly one";
    const fix =
      names.length === 0
        ? "The cluster has none: install a controller of the Gateway API there."
        : `Known are ${names.join(", ")}.`;
    problems.add("gatewayClass", rule, wanted, fix);
  } else {
    checkFeatures(problems, routes, supportedFeatures(found));
  }
  problems.throwIfAny();
  return found!.metadata.name;
}

function byName(classes: ClusterObject[], wanted: string | undefined): ClusterObject | undefined {
  return classes.find(({ metadata }) => metadata.name === wanted);
}

/** Plain names in older versions of the Gateway API, objects in newer ones. */
function supportedFeatures({ status }: ClusterObject): string[] {
  const features = (status?.supportedFeatures ?? []) as (string | { name: string })[];
  return features.map((feature) => (typeof feature === "string" ? feature : feature.name));
}
