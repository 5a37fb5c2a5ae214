/** Finds who holds ports of the host, before anything is made that needs them. */
import { createServer } from "node:net";
import type Docker from "dockerode";
import { daemonAddress, dockerConnection } from "../engine/providers/docker/connection";
import { describeListener } from "./listeners";

export interface HostPort {
  /** Address on the host, e.g. `"127.0.0.1"`. */
  host: string;
  port: number;
}

export interface PortHolder extends HostPort {
  /** In words, e.g. `container "proxy" of stack shop/dev` or `"nginx" (process 4711)`. */
  holder: string;
  /** The stack that the holder belongs to, when it is a container of one: `<project>/<stack>`. */
  stack?: string;
}

/** Who holds which of the given ports of the host; those that are free are left out. */
export async function findPortHolders(ports: HostPort[]): Promise<PortHolder[]> {
  const docker = dockerConnection();
  const containers = await docker.listContainers();
  const isLocal = /^(unix|npipe):/.test(daemonAddress({}).url);
  const holders: PortHolder[] = [];
  for (const address of ports) {
    const container = containers.find((candidate) => publishes(candidate, address));
    if (container !== undefined) {
      holders.push({ ...address, ...describeContainer(container) });
    } else if (isLocal && (await isInUse(address))) {
      holders.push({ ...address, holder: holderOf(address) });
    }
  }
  return holders;
}

function publishes(container: Docker.ContainerInfo, address: HostPort): boolean {
  return container.Ports.some(
    ({ IP, PublicPort }) => PublicPort === address.port && overlaps(IP ?? "", address.host),
  );
}

const wildcards = ["", "0.0.0.0", "::"];

/** Whether two listeners with these addresses and the same port would be in each other's way. */
export function overlaps(one: string, other: string): boolean {
  return one === other || wildcards.includes(one) || wildcards.includes(other);
}

function describeContainer(container: Docker.ContainerInfo): { holder: string; stack?: string } {
  const name = container.Names[0]?.replace(/^\//, "") ?? container.Id.slice(0, 12);
  const stack = container.Labels["flotilla.stack"];
  return stack === undefined
    ? { holder: `container "${name}"` }
    : { holder: `container "${name}" of stack ${stack}`, stack };
}

function isInUse({ host, port }: HostPort): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

function holderOf({ port }: HostPort): string {
  if (process.platform !== "linux") {
    return "another program";
  }
  return describeListener(port);
}
