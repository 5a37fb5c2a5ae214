import * as pulumi from "@pulumi/pulumi";
import {
  AutoscalingPolicy,
  Gateway,
  Microservice,
  type Platform,
  Registry,
  type ScalingMetrics,
  type Workload,
} from "../components";
import { type CallArgs, portSpecs } from "../components/connections";
import type { Architecture, ServiceDescription } from "./architecture";
import { REGISTRY_NAME, SECRET_REFERENCE, splitCall, URL_OUTPUT } from "./check-architecture";
import { gatewaySecrets } from "./deploy-gateway";
import { secretKinds } from "./secrets";

/** What a deployed architecture is reached by. */
export interface Deployment<W extends Workload> {
  gateway: Gateway<W>;
  services: Map<string, Microservice<W>>;
  /** What the stack puts out: where it is reached, and the secrets of which the description wants that. */
  outputs: Record<string, pulumi.Output<string>>;
}

/** Deploys a described architecture on a platform, `httpPort` being the public port of its gateway. */
export function deployArchitecture<W extends Workload>(
  architecture: Architecture,
  platform: Platform<W>,
  httpPort: number,
): Deployment<W> {
  const secrets = new Map(
    Object.entries(architecture.secrets).map(([name, { kind, length }]) => {
      return [name, secretKinds[kind](name, { length })];
    }),
  );
  const registry = new Registry(REGISTRY_NAME, { ...architecture.registry, platform });
  const services = new Map<string, Microservice<W>>();
  for (const [name, described] of inStartOrder(architecture.services)) {
    const { calls, startAfter, autoscaling, sidecars, initContainers, tasks, ...main } = described;
    const service = new Microservice(name, {
      ...withSecrets(main, secrets),
      sidecars: sidecars?.map((sidecar) => withSecrets(sidecar, secrets)),
      initContainers: initContainers?.map((container) => withSecrets(container, secrets)),
      tasks: tasks?.map((task) => withSecrets(task, secrets)),
      platform,
      registry,
      calls: calls?.map((call) => callArgs(call, architecture)),
      startAfter: startAfter?.map((other) => services.get(other)!),
    });
    services.set(name, service);
    if (autoscaling !== undefined) {
      new AutoscalingPolicy(name, { ...metrics(autoscaling, secrets), target: service });
    }
  }
  const routes = architecture.gateway.routes.map(({ to, ...route }) => {
    return { ...route, to: to === undefined ? undefined : services.get(to)! };
  });
  const { autoscaling, ...described } = architecture.gateway;
  const gateway = new Gateway(architecture.name, {
    ...described,
    ...gatewaySecrets(architecture.gateway, (content) => filled(content, secrets)),
    platform,
    registry,
    routes,
    port: httpPort,
  });
  if (autoscaling !== undefined) {
    new AutoscalingPolicy(architecture.name, { ...metrics(autoscaling, secrets), target: gateway });
  }
  const shown = [...secrets].filter(([name]) => architecture.secrets[name].output);
  return { gateway, services, outputs: { [URL_OUTPUT]: gateway.url, ...Object.fromEntries(shown) } };
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
  const { service, port } = splitCall(call);
  const ports = portSpecs(services[service].ports);
  const called = port === undefined ? ports[0] : ports.find((candidate) => candidate.name === port);
  return { service, port, protocol: called?.protocol, scheme: called?.scheme };
}

/** A container with the secrets in place of their references. */
function withSecrets<C extends { secretFiles?: Record<string, string> }>(
  container: C,
  secrets: Map<string, pulumi.Output<string>>,
): Omit<C, "secretFiles"> & { secretFiles: Record<string, pulumi.Output<string>> } {
  const { secretFiles = {}, ...others } = container;
  const files = Object.entries(secretFiles).map(([path, content]) => [path, filled(content, secrets)]);
  return { ...others, secretFiles: Object.fromEntries(files) };
}

/** The metrics of a policy with the secrets in place of their references. */
function metrics(
  described: NonNullable<ServiceDescription["autoscaling"]>,
  secrets: Map<string, pulumi.Output<string>>,
): ScalingMetrics {
  const { queue } = described;
  if (queue?.password === undefined) {
    return described;
  }
  return { ...described, queue: { ...queue, password: filled(queue.password, secrets) } };
}

/** A content with the secrets in place of their references. */
function filled(content: string, secrets: Map<string, pulumi.Output<string>>): pulumi.Output<string> {
  const parts = content
    .split(SECRET_REFERENCE)
    .map((part, index) => (index % 2 === 0 ? part : secrets.get(part)!));
  return pulumi.all(parts).apply((known) => known.join(""));
}
