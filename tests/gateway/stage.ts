/** A real Envoy that runs on the generated files, in a container of its own; its services are servers of the test. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import type { ContainerSpec } from "../../components/container-spec";
import type { Certificate } from "../../components/gateway-certificate";
import { type GatewayRules, gatewaySpec } from "../../components/gateway-spec";
import { envoy } from "../../components/gateways/envoy";
import { AUTHORITIES } from "../../components/gateways/envoy/issuer-clusters";
import { WATCHED } from "../../components/gateways/envoy/vocabulary";
import { bySpecificity } from "../../components/route";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import { ensureImages } from "../../infra/setup/images";

/** Where the servers of the test listen, as seen from containers. */
export async function hostAddress(): Promise<string> {
  const { IPAM } = await dockerConnection().getNetwork("bridge").inspect();
  const [{ Subnet = "172.17.0.0/16", Gateway = Subnet.replace(/\.\d+\/\d+$/, ".1") } = {}] =
    IPAM?.Config ?? [];
  return Gateway;
}

/** Live instances of services, each as `ADDRESS:PORT`, by the name of the cluster. */
export type Instances = Record<string, { address: string; metadata?: Record<string, string> }[]>;

export interface StageArgs {
  rules: GatewayRules;
  instances: Instances;
  certificate?: Certificate;
  cpuMillicores?: number;
  outside?: Outside;
}

/** What the container knows of the world outside. */
export interface Outside {
  /** Addresses of hosts by their names. */
  hosts: Record<string, string>;
  /** Certificates of the public authorities that it trusts, in PEM. */
  authorities: string;
}

export class Stage {
  private constructor(
    private readonly folder: string,
    private readonly container: Docker.Container,
    /** Address of the gateway's container. */
    readonly address: string,
  ) {}

  static async open(args: StageArgs): Promise<Stage> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-gateway-"));
    fs.chmodSync(folder, 0o755);
    const main = await writeFiles(folder, args);
    const { envoy: image } = await ensureImages(["envoy"]);
    const { outside } = args;
    const container = await dockerConnection().createContainer({
      Image: image,
      Entrypoint: main.entrypoint as string[],
      Cmd: (main.command as string[]).map((word) => word.replace("/etc/envoy/", `${WATCHED}/`)),
      HostConfig: {
        Binds: [`${folder}:${WATCHED}`, ...(outside === undefined ? [] : [authoritiesOf(folder, outside)])],
        ExtraHosts: Object.entries(outside?.hosts ?? {}).map(([name, address]) => `${name}:${address}`),
      },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const stage = new Stage(folder, container, NetworkSettings.Networks.bridge.IPAddress);
    try {
      await stage.ready();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  url(path = ""): string {
    return `http://${this.address}:8080${path}`;
  }

  /** Everything that Envoy said. */
  async logs(): Promise<string> {
    const logs = await this.container.logs({ stdout: true, stderr: true, follow: false });
    return logs.toString("utf8");
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://${this.address}:9902/metrics`)).text();
  }

  /** Processor time that Envoy used so far. */
  async cpuSeconds(): Promise<number> {
    const { cpu_stats } = await this.container.stats({ stream: false, "one-shot": true });
    return cpu_stats.cpu_usage.total_usage / 1e9;
  }

  /** Replaces files as the agent does, a second apart where Envoy has to take one in first. */
  async change(args: StageArgs): Promise<void> {
    const next = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-gateway-"));
    await writeFiles(next, args);
    const names = fs.readdirSync(next).filter((name) => name.endsWith(".json") && name !== "bootstrap.json");
    const rank = (name: string): number => ["cds.json", "", "rds.json", "lds.json"].indexOf(name);
    fs.cpSync(path.join(next, "endpoints"), path.join(this.folder, "endpoints"), { recursive: true });
    for (const name of names.sort(
      (a, b) => (rank(a) === -1 ? 1 : rank(a)) - (rank(b) === -1 ? 1 : rank(b)),
    )) {
      const [from, to] = [path.join(next, name), path.join(this.folder, name)];
      if (!fs.existsSync(to) || !fs.readFileSync(from).equals(fs.readFileSync(to))) {
        fs.copyFileSync(from, `${to}.new`);
        fs.renameSync(`${to}.new`, to);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
    fs.rmSync(next, { recursive: true });
  }

  async close(): Promise<void> {
    await this.container.remove({ force: true });
    fs.rmSync(this.folder, { recursive: true });
  }

  private async ready(): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      const answer = await fetch(`http://${this.address}:9902/metrics`).catch(() => undefined);
      if (answer?.status === 200 && /envoy_listener_manager_workers_started{} 1/.test(await answer.text())) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`Envoy is not ready:\n${await this.logs()}`);
  }
}

/** Writes down which authorities are trusted, and puts that in the place of those of the image. */
function authoritiesOf(folder: string, { authorities }: Outside): string {
  const file = path.join(folder, "authorities.pem");
  fs.writeFileSync(file, authorities);
  return `${file}:${AUTHORITIES}:ro`;
}

/** Writes what a gateway's replica has in its files, and gives its main container. */
async function writeFiles(folder: string, args: StageArgs): Promise<ContainerSpec> {
  const { rules, instances, certificate, cpuMillicores = 1000 } = args;
  const spec = gatewaySpec(rules);
  const plan = envoy({
    ...{ name: "edge", image: "", agentImage: "", discovery: { arguments: [], bundles: [] }, replicas: 1 },
    ...{ cpuMillicores, memoryMiB: 256, certificate },
    spec: { ...spec, routes: [...spec.routes].sort(bySpecificity) },
  });
  for (const file of [...plan.main.files, ...plan.sidecars[0].files]) {
    fs.writeFileSync(path.join(folder, path.basename(file.path)), await known(file.content));
  }
  fs.mkdirSync(path.join(folder, "endpoints"), { recursive: true });
  for (const [cluster, endpoints] of Object.entries(instances)) {
    const file = path.join(folder, "endpoints", `${cluster.replace(":", "_")}.json`);
    fs.writeFileSync(file, JSON.stringify(assignment(cluster, endpoints)));
  }
  return plan.main;
}

function assignment(cluster: string, instances: Instances[string]): unknown {
  const lb_endpoints = instances.map(({ address, metadata }) => {
    const [host, port] = address.split(":");
    return {
      endpoint: { address: { socket_address: { address: host, port_value: Number(port) } } },
      metadata: { filter_metadata: { "envoy.lb": metadata ?? {} } },
    };
  });
  const type = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
  return {
    version_info: "1",
    resources: [{ "@type": type, cluster_name: cluster, endpoints: [{ lb_endpoints }] }],
  };
}

function known<T>(input: pulumi.Input<T>): Promise<T> {
  return new Promise((resolve) => {
    pulumi.output(input).apply((value) => resolve(value as T));
  });
}
