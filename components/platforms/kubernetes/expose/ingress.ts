import { Ingress } from "@pulumi/kubernetes/networking/v1/ingress";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, GatewaySpec, Router, RouteSpec } from "../../../platform";
import { Problems } from "../../../problems";
import { virtualHosts } from "../../../virtual-hosts";
import { type KubernetesHost, SKIP_AWAIT } from "../host";
import type { PortsOf } from ".";
import type { IngressArgs } from "./expose-args";
import { publicUrl } from "./public-url";
import { type Policy, refuseAddresses, refuseGuards, refusePolicies } from "./refusals";
import { type Backend, routedServices } from "./routed-services";

type Rule = input.networking.v1.IngressRule;

const BEYOND_HOST_AND_PATH: Policy[] = ["methods", "headers", "rewritePrefix", "timeoutSeconds", "retries"];

/** Routes by the cluster's own Ingress controller. */
export class IngressRouter implements Router {
  constructor(
    private readonly host: KubernetesHost,
    private readonly args: Omit<IngressArgs, "kind">,
    private readonly portsOf: PortsOf,
  ) {}

  route(name: string, spec: GatewaySpec, port: number, parent: pulumi.Resource): Exposed {
    const problems = new Problems(`Gateway "${name}"`);
    const { routes } = spec;
    checkIngressRoutes(problems, routes);
    refuseGuards(problems, spec, "an Ingress");
    problems.throwIfAny();
    const { host, args } = this;
    const backends = routedServices(host, name, routes, this.portsOf, args.controllerNamespace, parent);
    const ingress = new Ingress(
      name,
      {
        metadata: host.metadata(name, undefined, {
          annotations: args.address === undefined ? {} : SKIP_AWAIT,
        }),
        spec: { ingressClassName: args.ingressClass, rules: ingressRules(routes, backends) },
      },
      host.options(parent),
    );
    const url = ingress.status.apply((status) => {
      const [first] = status?.loadBalancer?.ingress ?? [];
      return publicUrl("http", args.address ?? first?.hostname ?? first?.ip, port);
    });
    return { url };
  }
}

/** Records every field of a route that an Ingress cannot express. */
export function checkIngressRoutes(problems: Problems, routes: RouteSpec[]): void {
  routes.forEach((route, index) => {
    const at = `routes[${index}]`;
    refuseAddresses(problems, at, route);
    if (route.protocol !== "http") {
      const fix = 'Let it lead to an http port, or write expose: "load-balancer".';
      problems.add(`${at}.to`, "must be a service that speaks http, for an Ingress", route.protocol, fix);
    }
    refusePolicies(problems, at, route, BEYOND_HOST_AND_PATH, "an Ingress");
  });
}

/** Each host with its own paths and those for wider hosts, as some controllers look no further than the closest host. */
export function ingressRules(routes: RouteSpec[], backends: Backend[]): Rule[] {
  return virtualHosts(routes).map(([host, own]) => {
    const first = own.filter((route, index) => own.findIndex((other) => samePath(other, route)) === index);
    return {
      ...(host === "*" ? {} : { host }),
      http: { paths: first.map((route) => path(route, backends[routes.indexOf(route)])) },
    };
  });
}

function samePath(a: RouteSpec, b: RouteSpec): boolean {
  return JSON.stringify(a.path) === JSON.stringify(b.path);
}

function path(route: RouteSpec, { service, port }: Backend): input.networking.v1.HTTPIngressPath {
  const backend = { service: { name: service, port: { number: port } } };
  return "exact" in route.path
    ? { path: route.path.exact, pathType: "Exact", backend }
    : { path: route.path.prefix, pathType: "Prefix", backend };
}
