import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { agentContainer, LOOKUP_PORT } from "../../agent-sidecars";
import type { Exposed, Exposure, Listener } from "../../platform";
import { agentMount, containerArgs } from "./container-args";
import type { FileVolumes } from "./file-volumes";
import type { DockerHost } from "./host";

/**
 * The constant owner of published host ports: the replicas behind it may be several, and roll, while the host's ports
 * stay open. Only a change of the agent's image replaces it, and closes them for some seconds.
 */
export class PublicPort extends pulumi.ComponentResource implements Exposed {
  readonly url: pulumi.Output<string>;
  readonly forwarder: docker.Container;

  constructor(
    name: string,
    args: { host: DockerHost; exposure: Exposure; files: FileVolumes[]; after: pulumi.Resource },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("flotilla:index:DockerPublicPort", name, {}, opts);
    const { host, exposure, files, after } = args;
    const { listeners, discovery, service } = exposure;
    const routes = listeners.flatMap(({ port, to }) => ["--route", `0.0.0.0:${port}=tcp:${service}:${to}`]);
    const lookup = ["--lookup-listen", `127.0.0.1:${LOOKUP_PORT}`];
    const command = ["forward", ...routes, ...lookup];
    const container = agentContainer("public", host.agentImage, discovery, command, LOOKUP_PORT);
    const spec = { ...container, resources: { cpuMillicores: 1000, memoryMiB: 128 } };
    this.forwarder = new docker.Container(
      `${name}-public`,
      {
        ...containerArgs(spec),
        // No networkMode beside it: Docker would join the network without the aliases.
        networksAdvanced: [{ name: host.network }],
        sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
        volumes: [...agentMount(host), ...files.flatMap(({ mounts }) => mounts)],
        ports: listeners.map(({ port }) => ({ internal: port, external: port, ip: host.publishAddress })),
        labels: host.labels({
          "flotilla.workload": name,
          "flotilla.container": "public",
          "flotilla.revision": host.digest(spec),
        }),
      },
      // Two containers cannot hold the same host port.
      host.options(this, {
        deleteBeforeReplace: true,
        dependsOn: [after, ...files.flatMap(({ writers }) => writers)],
      }),
    );
    this.url = this.forwarder.ports.apply(() => address(host.publishAddress, listeners[0]));
    this.registerOutputs({ url: this.url });
  }
}

function address(host: string, { port, protocol }: Listener): string {
  const scheme = protocol === "grpc" ? "http" : protocol;
  return `${scheme}://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;
}
