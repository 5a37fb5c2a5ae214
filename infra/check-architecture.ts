import { checkGateway } from "../components/check-gateway";
import { checkCalls, checkMicroservice } from "../components/check-microservice";
import { portSpecs } from "../components/connections";
import { checkName, nearestOf, oneOf } from "../components/fields";
import { member, Problems } from "../components/problems";
import { checkNodes } from "../components/registry";
import { checkTarget } from "../components/route";
import { checkMetrics, checkRange, queueSpec } from "../components/scaling-metrics";
import type { Architecture, ServiceDescription } from "./architecture";
import { checkGatewayReferences } from "./check-gateway-references";

/** Where a content stands for a secret. */
export const SECRET_REFERENCE = /\{\{([^{}\s]+)\}\}/g;

/** What the registry of an architecture is called. */
export const REGISTRY_NAME = "registry";

/** The stack's output that says where the gateway is. */
export const URL_OUTPUT = "url";

/** What it and its servers are called. */
const REGISTRY_NAMES = /^registry(-[1-3])?$/;

/** What the checks of the parts know of the whole. */
interface Whole {
  problems: Problems;
  architecture: Architecture;
  /** Whether a part was left out, or is incomplete, as its shape was wrong. */
  isBroken(path: string): boolean;
}

/** Records everything that is wrong with a description of the right shape. */
export function checkArchitecture(
  problems: Problems,
  architecture: Architecture,
  isBroken: Whole["isBroken"] = () => false,
): void {
  const whole = { problems, architecture, isBroken };
  checkName(problems, "name", architecture.name);
  const { kind, nodes } = architecture.registry;
  checkNodes(problems, "registry.nodes", kind, nodes);
  for (const [name, secret] of Object.entries(architecture.secrets)) {
    checkSecret(problems, name, secret);
  }
  for (const [name, described] of Object.entries(architecture.services)) {
    checkDescribed(whole, name, described);
  }
  checkImageNames(whole);
  const gateway = new Problems("gateway");
  checkGateway(gateway, architecture.gateway);
  problems.include(gateway, "gateway");
  checkScaling(whole, "gateway", architecture.gateway);
  architecture.gateway.routes.forEach(({ to, port, aggregate }, index) => {
    const at = `gateway.routes[${index}]`;
    const ports = to === undefined ? undefined : portsOf(whole, `${at}.to`, to);
    if (ports !== undefined) {
      checkTarget(problems, at, to!, ports, port);
    }
    checkParts(whole, `${at}.aggregate.parts`, aggregate?.parts ?? {});
  });
  checkGatewayReferences(problems, architecture, {
    target(at, field, service, port) {
      const ports = portsOf(whole, `${at}.${field}`, service);
      if (ports !== undefined) {
        checkTarget(problems, at, service, ports, port, field);
      }
    },
    anyTarget(at, field, service, port) {
      checkCall(whole, `${at}.${field}`, port === undefined ? service : `${service}:${port}`);
    },
    secrets: (at, content) => checkReferences(whole, at, content),
  });
  for (const cycle of startCycles(architecture)) {
    const at = `${member("services", cycle[0])}.startAfter`;
    const fix = "Take one of them out; use calls instead.";
    problems.add(at, "must not go in a circle", cycle.join(" → "), fix);
  }
}

type Parts = NonNullable<Architecture["gateway"]["routes"][number]["aggregate"]>["parts"];

/** The parts of an aggregated endpoint come from services that speak http. */
function checkParts(whole: Whole, at: string, parts: Parts): void {
  for (const [name, { to, port }] of Object.entries(parts)) {
    const place = member(at, name);
    const ports = portsOf(whole, `${place}.to`, to);
    if (ports !== undefined) {
      checkTarget(whole.problems, place, to, ports, port, "to", ["http"]);
    }
  }
}

function checkSecret(problems: Problems, name: string, secret: Architecture["secrets"][string]): void {
  const at = member("secrets", name);
  checkName(problems, at, name);
  if (secret.kind !== "password" && secret.length !== undefined) {
    problems.add(`${at}.length`, "goes with the kind password only", secret.length, "Take it out.");
  }
  if (secret.output && name === URL_OUTPUT) {
    problems.add(at, "must not have the name of another output of the stack", name, "Give it another name.");
  }
}

function checkDescribed(whole: Whole, name: string, described: ServiceDescription): void {
  const { problems, architecture } = whole;
  const at = member("services", name);
  const { calls = [], startAfter = [], autoscaling: _, ...args } = described;
  checkName(problems, at, name);
  if (name === architecture.name || REGISTRY_NAMES.test(name)) {
    const rule = "must not have the name of the registry or the gateway";
    problems.add(at, rule, name, "Give it another name.");
  }
  // The classes' own rules, told with the path in the description.
  const own = new Problems(at);
  checkMicroservice(own, args);
  checkCalls(own, calls.map(splitCall));
  problems.include(own, at);
  calls.forEach((call, index) => {
    checkCall(whole, `${at}.calls[${index}]`, call);
  });
  startAfter.forEach((other, index) => {
    checkService(whole, `${at}.startAfter[${index}]`, other);
  });
  checkScaling(whole, at, described);
  checkSecrets(whole, at, described);
  for (const list of ["sidecars", "initContainers", "tasks"] as const) {
    described[list]?.forEach((container, index) => {
      checkSecrets(whole, `${at}.${list}[${index}]`, container);
    });
  }
}

/** What moves the replicas of a service or the gateway, which must then be a range. */
function checkScaling(
  whole: Whole,
  at: string,
  { replicas, autoscaling }: Pick<ServiceDescription, "replicas" | "autoscaling">,
): void {
  if (autoscaling !== undefined) {
    checkMetrics(whole.problems, `${at}.autoscaling`, autoscaling, replicas);
  }
  if (autoscaling !== undefined || typeof replicas === "object") {
    checkRange(whole.problems, `${at}.replicas`, replicas, autoscaling ?? {});
  }
  if (autoscaling?.queue !== undefined) {
    checkQueueService(whole, `${at}.autoscaling.queue`, autoscaling.queue);
  }
}

/** A call as the description writes it: `name`, or `name:port`. */
export function splitCall(call: string): { service: string; port?: string } {
  const [service, port] = call.split(":");
  return { service, port };
}

/** The image of a container beside the main one is named by both: no other may come to the same name. */
function checkImageNames({ problems, architecture: { services } }: Whole): void {
  const taken = new Map(Object.keys(services).map((name) => [name, `services.${name}`]));
  for (const [name, service] of Object.entries(services)) {
    for (const list of ["sidecars", "initContainers", "tasks"] as const) {
      service[list]?.forEach((container, index) => {
        const image = `${name}-${container.name}`;
        const at = `${member("services", name)}.${list}[${index}]`;
        const other = taken.get(image);
        // Two of one service are told by the service's own checks.
        if (other !== undefined && !other.startsWith(`${member("services", name)}.`)) {
          const rule = `must not make "${image}" together with the service, which is the name of ${other}`;
          problems.add(`${at}.name`, rule, container.name, "Give it another name.");
        }
        taken.set(image, at);
      });
    }
  }
}

function checkSecrets(
  whole: Whole,
  at: string,
  container: Pick<ServiceDescription, "environment" | "files" | "secretFiles">,
): void {
  const { environment = {}, files = {}, secretFiles = {} } = container;
  for (const [file, content] of Object.entries(secretFiles)) {
    checkReferences(whole, member(`${at}.secretFiles`, file), content);
  }
  for (const [field, values] of Object.entries({ environment, files })) {
    for (const [name, value] of Object.entries(values)) {
      const content = typeof value === "string" ? value : value.content;
      const secrets = [...content.matchAll(SECRET_REFERENCE)].map(([, secret]) => secret);
      const known = secrets.find((secret) => Object.hasOwn(whole.architecture.secrets, secret));
      if (known !== undefined) {
        const rule = "must not refer to a secret, which only secretFiles do";
        const fix = "Put it into secretFiles, and give the program the file's path.";
        whole.problems.add(member(`${at}.${field}`, name), rule, `{{${known}}}`, fix);
      }
    }
  }
}

function checkReferences({ problems, architecture, isBroken }: Whole, at: string, content: string): void {
  for (const [, secret] of content.matchAll(SECRET_REFERENCE)) {
    if (!Object.hasOwn(architecture.secrets, secret) && !isBroken(member("secrets", secret))) {
      const nearest = nearestOf(secret, Object.keys(architecture.secrets));
      const fix =
        nearest === undefined ? `Add ${JSON.stringify(secret)}: {} to secrets.` : `Write "{{${nearest}}}".`;
      problems.add(at, "names an unknown secret", secret, fix);
    }
  }
}

/** The queue of a policy is held by a service that listens where the queue is said to be. */
function checkQueueService(
  whole: Whole,
  at: string,
  queue: NonNullable<NonNullable<ServiceDescription["autoscaling"]>["queue"]>,
): void {
  const { service, port } = queueSpec(queue);
  const ports = portsOf(whole, `${at}.service`, service)?.map((known) => known.port);
  if (ports !== undefined && !ports.includes(port)) {
    const known = ports.join(", ") || "none";
    whole.problems.add(`${at}.port`, `must be a port of ${service}`, port, `Known are ${known}.`);
  }
  checkReferences(whole, `${at}.password`, queue.password ?? "");
}

/** Records it when there is no service of a name; tells whether there is one. */
function checkService({ problems, architecture, isBroken }: Whole, path: string, name: string): boolean {
  const names = Object.keys(architecture.services);
  const isThere = names.includes(name);
  if (!isThere && !isBroken(member("services", name))) {
    problems.add(path, "must name a service of this architecture", name, oneOf(name, names));
  }
  return isThere;
}

/** The ports of a service that something refers to; undefined where nothing can be said of them. */
function portsOf(whole: Whole, path: string, name: string): ReturnType<typeof portSpecs> | undefined {
  const isKnown = checkService(whole, path, name) && !whole.isBroken(`${member("services", name)}.ports`);
  return isKnown ? portSpecs(whole.architecture.services[name].ports) : undefined;
}

function checkCall(whole: Whole, path: string, call: string): void {
  const { service, port } = splitCall(call);
  const known = portsOf(whole, path, service)?.map((candidate) => candidate.name);
  if (known?.length === 0) {
    const fix = `Give ${member("services", service)} a port.`;
    whole.problems.add(path, "must name a service with ports", call, fix);
  } else if (known !== undefined && port !== undefined && !known.includes(port)) {
    const fix = oneOf(port, known, (name) => `"${service}:${name}"`);
    whole.problems.add(path, `must name a port of ${service}`, call, fix);
  }
}

/** Circles of `startAfter`, each from its first member back to it. */
function startCycles({ services }: Architecture): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: string[]): void => {
    const start = trail.indexOf(name);
    if (start !== -1) {
      cycles.push([...trail.slice(start), name]);
    } else if (!done.has(name)) {
      for (const next of services[name]?.startAfter ?? []) {
        visit(next, [...trail, name]);
      }
      done.add(name);
    }
  };
  for (const name of Object.keys(services)) {
    visit(name, []);
  }
  return cycles;
}
