import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import {
  AutoscalingPolicy,
  Gateway,
  Microservice,
  type Platform,
  Registry,
  type Workload,
} from "../components";
import type { CallArgs } from "../components/microservice";
import { type Architecture, SECRET_REFERENCE, type ServiceDescription } from "./architecture";

/** What a deployed architecture is reached by. */
export interface Deployment<W extends Workload> {
  gateway: Gateway<W>;
  services: Map<string, Microservice<W>>;
}

/** Deploys a described architecture on a platform, `httpPort` being the public port of its gateway. */
export function deployArchitecture<W extends Workload>(
  architecture: Architecture,
  platform: Platform<W>,
  httpPort: number,
): Deployment<W> {
  const secrets = new Map(
    Object.entries(architecture.secrets).map(([name, { length }]) => {
      return [name, new RandomPassword(name, { length, special: false }).result];
    }),
  );
  const registry = new Registry("registry", { platform, kind: architecture.registry.kind });
  const services = new Map<string, Microservice<W>>();
  for (const [name, described] of inStartOrder(architecture.services)) {
    const { calls, startAfter, autoscaling, secretFiles, ...args } = described;
    const service = new Microservice(name, {
      ...args,
      platform,
      registry,
      calls: calls?.map((call) => callArgs(call, architecture)),
      startAfter: startAfter?.map((other) => services.get(other)!),
      secretFiles: withSecrets(secretFiles ?? {}, secrets),
    });
    services.set(name, service);
    if (autoscaling !== undefined) {
      new AutoscalingPolicy(name, { ...autoscaling, target: service });
    }
  }
  const routes = architecture.gateway.routes.map((route) => ({ ...route, to: services.get(route.to)! }));
  const gateway = new Gateway(architecture.name, {
    ...architecture.gateway,
    platform,
    registry,
    routes,
    port: httpPort,
  });
  return { gateway, services };
}

/** The services so that each comes after those that it starts after; the description has no circles. */
function inStartOrder(services: Architecture["services"]): [string, ServiceDescription][] {
  const ordered = new Map<string, ServiceDescription>();
  const place = (name: string): void => {
    for (const other of services[name].startAfter ?? []) {
      place(other);
    }
    ordered.set(name, services[name]);
  };
  Object.keys(services).forEach(place);
  return [...ordered];
}

/** The called port's protocol and scheme, which the description says once, at the service that has it. */
function callArgs(call: string, { services }: Architecture): CallArgs {
  const [service, port] = call.split(":");
  const ports = services[service].ports ?? [];
  const called = port === undefined ? ports[0] : ports.find((candidate) => candidate.name === port);
  return { service, port, protocol: called?.protocol, scheme: called?.scheme };
}

function withSecrets(
  files: Record<string, string>,
  secrets: Map<string, pulumi.Output<string>>,
): Record<string, pulumi.Output<string>> {
  const filled = Object.entries(files).map(([path, content]) => {
    const parts = content
      .split(SECRET_REFERENCE)
      .map((part, index) => (index % 2 === 0 ? part : secrets.get(part)!));
    return [path, pulumi.all(parts).apply((known) => known.join(""))];
  });
  return Object.fromEntries(filled);
}
