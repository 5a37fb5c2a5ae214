import { checkMicroservice } from "../components/check-microservice";
import { portSpecs } from "../components/connections";
import { checkName } from "../components/fields";
import { checkGateway } from "../components/gateway";
import { Problems } from "../components/problems";
import { checkTarget } from "../components/route";
import { checkMetrics, checkRange, queueSpec } from "../components/scaling-metrics";
import type { Architecture, ServiceDescription } from "./architecture";

/** Where a content stands for a secret. */
export const SECRET_REFERENCE = /\{\{([^{}\s]+)\}\}/g;

/** What the registry of an architecture is called. */
export const REGISTRY_NAME = "registry";

/** Records everything that is wrong with a description of the right shape. */
export function checkArchitecture(problems: Problems, architecture: Architecture): void {
  checkName(problems, "name", architecture.name);
  for (const secret of Object.keys(architecture.secrets)) {
    checkName(problems, `secrets.${secret}`, secret);
  }
  const names = Object.keys(architecture.services);
  for (const [name, described] of Object.entries(architecture.services)) {
    const at = `services.${name}`;
    // The classes' own rules, told with the path in the description.
    const own = new Problems(`${problems.subject}: ${at}`);
    const { calls = [], startAfter = [], autoscaling, ...args } = described;
    checkMicroservice(own, name, args);
    problems.include(own);
    if ([REGISTRY_NAME, architecture.name].includes(name)) {
      problems.add(
        at,
        "must not have the name of the registry or the gateway",
        name,
        "Give it another name.",
      );
    }
    for (const call of calls) {
      checkCall(problems, `${at}.calls`, call, architecture);
    }
    for (const other of startAfter) {
      checkService(problems, `${at}.startAfter`, other, names);
    }
    if (autoscaling !== undefined) {
      checkMetrics(problems, `${at}.autoscaling`, autoscaling, described.replicas);
    }
    if (autoscaling !== undefined || typeof described.replicas === "object") {
      checkRange(problems, `${at}.replicas`, described.replicas, autoscaling ?? {});
    }
    if (autoscaling?.queue !== undefined) {
      checkQueueService(problems, `${at}.autoscaling.queue`, autoscaling.queue, architecture);
    }
    checkSecrets(problems, at, described, architecture);
    for (const list of ["sidecars", "initContainers", "tasks"] as const) {
      described[list]?.forEach((container, index) => {
        checkSecrets(problems, `${at}.${list}[${index}]`, container, architecture);
      });
    }
  }
  const gateway = new Problems(`${problems.subject}: gateway`);
  checkGateway(gateway, architecture.name, architecture.gateway);
  problems.include(gateway);
  architecture.gateway.routes.forEach(({ to, port }, index) => {
    const at = `gateway.routes[${index}]`;
    checkService(problems, `${at}.to`, to, names);
    if (names.includes(to)) {
      checkTarget(problems, at, to, portSpecs(architecture.services[to].ports), port);
    }
  });
  for (const cycle of startCycles(architecture)) {
    problems.add(
      "startAfter",
      "must not go in a circle",
      cycle.join(" → "),
      "Take one of them out; use calls instead.",
    );
  }
}

function checkSecrets(
  problems: Problems,
  at: string,
  { secretFiles = {} }: { secretFiles?: Record<string, string> },
  { secrets }: Architecture,
): void {
  for (const [file, content] of Object.entries(secretFiles)) {
    checkReferences(problems, `${at}.secretFiles["${file}"]`, content, secrets);
  }
}

function checkReferences(
  problems: Problems,
  at: string,
  content: string,
  secrets: Architecture["secrets"],
): void {
  for (const [, secret] of content.matchAll(SECRET_REFERENCE)) {
    if (!Object.hasOwn(secrets, secret)) {
      problems.add(at, "names an unknown secret", secret, `Add ${JSON.stringify(secret)}: {} to secrets.`);
    }
  }
}

/** The queue of a policy is held by a service that listens where the queue is said to be. */
function checkQueueService(
  problems: Problems,
  at: string,
  queue: NonNullable<NonNullable<ServiceDescription["autoscaling"]>["queue"]>,
  { services, secrets }: Architecture,
): void {
  const { service, port } = queueSpec(queue);
  const names = Object.keys(services);
  checkService(problems, `${at}.service`, service, names);
  const known = names.includes(service) ? portSpecs(services[service].ports) : undefined;
  if (known !== undefined && !known.some((candidate) => candidate.port === port)) {
    const ports = known.map((candidate) => candidate.port).join(", ") || "none";
    problems.add(`${at}.port`, `must be a port of ${service}`, port, `Known are ${ports}.`);
  }
  checkReferences(problems, `${at}.password`, queue.password ?? "", secrets);
}

function checkService(problems: Problems, path: string, name: string, names: string[]): void {
  if (!names.includes(name)) {
    problems.add(path, "must name a service of this architecture", name, `Write one of ${names.join(", ")}.`);
  }
}

function checkCall(problems: Problems, path: string, call: string, { services }: Architecture): void {
  const [name, port] = call.split(":");
  const names = Object.keys(services);
  checkService(problems, path, name, names);
  if (!names.includes(name)) {
    return;
  }
  const known = portSpecs(services[name].ports).map((candidate) => candidate.name);
  if (known.length === 0) {
    problems.add(path, "must name a service with ports", call, `Give services.${name} a port.`);
  } else if (port !== undefined && !known.includes(port)) {
    problems.add(path, `must name a port of ${name}`, call, `Known are ${known.join(", ")}.`);
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
