/** How a controller of the cluster's own reaches the services that routes lead to. */
import * as pulumi from "@pulumi/pulumi";
import type { PortSpec } from "../../../container-spec";
import type { RouteSpec } from "../../../platform";
import type { KubernetesHost } from "../host";
import { lateRefusal } from "../late-refusal";
import { admit } from "../network-policies";
import type { PortsOf } from ".";

/** Where a route's requests go. */
export interface Backend {
  service: string;
  port: pulumi.Output<number>;
}

/**
 * The services of the routes, in their order, each of which the pods of the controller's namespace, or of any, may connect to.
 */
export function routedServices(
  host: KubernetesHost,
  gateway: string,
  routes: RouteSpec[],
  portsOf: PortsOf,
  controllerNamespace: string | undefined,
  parent: pulumi.Resource,
): Backend[] {
  const matchLabels = { "kubernetes.io/metadata.name": controllerNamespace ?? "" };
  const controller = [{ namespaceSelector: controllerNamespace === undefined ? {} : { matchLabels } }];
  const backends = new Map<string, Backend>();
  return routes.map(({ service, port }, index) => {
    const key = port === undefined ? service : `${service}-${port}`;
    const known = backends.get(key);
    if (known !== undefined) {
      return known;
    }
    const subject = `Gateway "${gateway}": routes[${index}]`;
    const backend = { service, port: portNumber(subject, service, port, portsOf) };
    backends.set(key, backend);
    admit(host, `${gateway}-routes-to-${key}`, service, [backend.port], controller, parent);
    return backend;
  });
}

/** A service may be made after the gateway: it is looked for when the program has run through. */
function portNumber(
  subject: string,
  service: string,
  name: string | undefined,
  portsOf: PortsOf,
): pulumi.Output<number> {
  const ranThrough = new Promise((resolve) => setImmediate(resolve));
  return pulumi.output(ranThrough.then(() => portOf(subject, service, name, portsOf(service))));
}

function portOf(subject: string, service: string, name: string | undefined, ports: PortSpec[] = []): number {
  const port = name === undefined ? ports[0] : ports.find((candidate) => candidate.name === name);
  if (port === undefined) {
    const wanted = name === undefined ? service : `${service}:${name}`;
    const fix = "Write the name of a microservice of this platform, and of one of its ports.";
    throw lateRefusal(`${subject}.to must be a service with that port, got "${wanted}". ${fix}`);
  }
  return port.port;
}
