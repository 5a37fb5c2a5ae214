import { checkReplicas } from "./check-replicas";
import { type CallArgs, callArgs, portArgs, portSpecs } from "./connections";
import { type ContainerArgs, checkContainer, type NamedContainerArgs, type VolumeArgs } from "./container";
import { AGENT_PORTS, checkName, checkPort, checkUnique } from "./fields";
import type { MicroserviceArgs } from "./microservice";
import { member, type Problems } from "./problems";

type Described = Omit<MicroserviceArgs, "platform">;

/** The agent's loopback ports, but for its readiness, its look-up and the gateway's watcher. */
const MOST_CALLS = AGENT_PORTS.last - AGENT_PORTS.first - 2;

/** Names of the containers that the platforms and the agent add. */
const OWN_NAMES = /^(main|sandbox|agent-.*)$/;

/** Records everything that is wrong with a microservice's arguments. */
export function checkMicroservice(problems: Problems, args: Described): void {
  const ports = (args.ports ?? []).map(portArgs);
  const hasPort = ports.length > 0;
  checkContainer(problems, "", args, hasPort);
  ports.forEach(({ port, name: portName }, index) => {
    checkPort(problems, `ports[${index}].port`, port);
    if (portName !== undefined) {
      checkName(problems, `ports[${index}].name`, portName);
    } else if (index > 0) {
      problems.add(
        `ports[${index}].name`,
        "is needed from the second port on",
        portName,
        'Write name: "admin".',
      );
    }
  });
  const names = portSpecs(ports).map(({ name }, index) => ({ path: `ports[${index}].name`, value: name }));
  checkUnique(
    problems,
    names.filter((_, index) => index === 0 || ports[index].name !== undefined),
  );
  const numbers = ports.map(({ port }, index) => ({ path: `ports[${index}].port`, value: port }));
  checkUnique(problems, numbers, "Write another port.");
  checkReplicas(problems, args.replicas, { least: 0, most: 1000 });
  checkMetadata(problems, args.metadata ?? {});
  const calls = (args.calls ?? []).map(callArgs);
  if (calls.length > 0 && args.registry === undefined) {
    const got = calls.map((call) => call.service);
    problems.add("calls", "need a registry to find the services", got, "Pass registry.");
  }
  calls.forEach(({ service }, index) => {
    checkName(problems, `calls[${index}].service`, service);
  });
  checkCalls(problems, calls);
  checkBeside(problems, args, hasPort);
}

/** What every kind of registry takes. */
function checkMetadata(problems: Problems, metadata: Record<string, string>): void {
  for (const [key, value] of Object.entries(metadata)) {
    const at = member("metadata", key);
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(key)) {
      const rule = "must have a name of at most 64 letters, digits, dashes and underscores";
      problems.add(at, rule, key, "Give it another name.");
    }
    if (Buffer.byteLength(value) > 512) {
      problems.add(at, "must be at most 512 bytes", value, "Put it in a file.");
    }
    if (key === "weight" && !/^([1-9]|[1-9]\d|1[01]\d|12[0-8])$/.test(value)) {
      problems.add(at, "must be a whole number from 1 to 128, as text", value, 'Write "10".');
    }
  }
}

/** Records everything that is wrong with a list of calls in itself. */
export function checkCalls(problems: Problems, calls: CallArgs[]): void {
  if (calls.length > MOST_CALLS) {
    problems.add("calls", `must name at most ${MOST_CALLS} services`, calls.length, "Split the service.");
  }
  const targets = calls.map(({ service, port }) => (port === undefined ? service : `${service}:${port}`));
  checkUnique(
    problems,
    targets.map((value, index) => ({ path: `calls[${index}]`, value })),
  );
}

/** Checks what runs beside the main container: names, each container's own rules, and the volumes they share. */
function checkBeside(problems: Problems, args: Described, hasPort: boolean): void {
  const named = (["sidecars", "initContainers", "tasks"] as const).flatMap((list) => {
    const containers: NamedContainerArgs[] = args[list] ?? [];
    return containers.map((container, index) => ({ path: `${list}[${index}]`, container }));
  });
  for (const { path, container } of named) {
    checkName(problems, `${path}.name`, container.name);
    if (OWN_NAMES.test(container.name)) {
      const rule = "must not be main, sandbox or start with agent-";
      problems.add(`${path}.name`, rule, container.name, "Give it another name.");
    }
    checkContainer(problems, path, container, hasPort);
  }
  checkUnique(
    problems,
    named.map(({ path, container }) => ({ path: `${path}.name`, value: container.name })),
  );
  for (const list of ["initContainers", "tasks"] as const) {
    (args[list] ?? []).forEach((container, index) => {
      for (const field of ["probe", "restart"] as const) {
        const rule = "must not be given, as the container runs to its end once";
        if (container[field] !== undefined) {
          problems.add(`${list}[${index}].${field}`, rule, container[field], "Take it out.");
        }
      }
    });
  }
  (args.tasks ?? []).forEach(({ volumes = {} }, index) => {
    if (Object.keys(volumes).length > 0) {
      const rule = "must not be given, as a task belongs to no replica";
      problems.add(`tasks[${index}].volumes`, rule, Object.keys(volumes), "Take them out; /tmp is writable.");
    }
  });
  checkSharedVolumes(problems, [{ path: "", container: args }, ...named]);
}

/** Containers that name the same volume must not contradict each other. */
function checkSharedVolumes(problems: Problems, named: { path: string; container: ContainerArgs }[]): void {
  const said = new Map<string, VolumeArgs>();
  for (const { path, container } of named) {
    for (const [name, volume] of Object.entries(container.volumes ?? {})) {
      const earlier = said.get(name);
      for (const field of ["kind", "sizeMiB"] as const) {
        if (earlier?.[field] !== undefined && ![undefined, earlier[field]].includes(volume[field])) {
          const at = `${member(`${path}.volumes`, name)}.${field}`;
          const fix = `Write ${JSON.stringify(earlier[field])}, or nothing.`;
          problems.add(at, "must not contradict an earlier container", volume[field], fix);
        }
      }
      said.set(name, { ...volume, ...earlier });
    }
  }
}
