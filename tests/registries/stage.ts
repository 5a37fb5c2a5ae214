/** What the suite does to a running stack, beside what users do: it stops, kills and cuts off parts of it. */
import type Docker from "dockerode";
import { request, SteadyLoad, until } from "../end-to-end/client";
import type { DockerDriver } from "../end-to-end/docker-driver";

/** An instance as the look-up tells it. */
export interface Instance {
  service: string;
  instance: string;
  address: string;
  ports: { name: string; port: number; protocol: string }[];
  metadata: Record<string, string>;
}

export class Stage {
  constructor(readonly driver: DockerDriver) {}

  /** One container of a workload's replica. */
  async container(workload: string, container: string, replica = 1): Promise<Docker.Container> {
    const label = [
      this.driver.label,
      `flotilla.workload=${workload}`,
      `flotilla.replica=${replica}`,
      `flotilla.container=${container}`,
    ];
    const found = await this.driver.docker.listContainers({ all: true, filters: { label } });
    if (found.length !== 1) {
      throw new Error(`${found.length} containers have the labels ${label.join(", ")}`);
    }
    return this.driver.docker.getContainer(found[0].Id);
  }

  /** What the foreign program's agent knows of a service. */
  async instances(service: string): Promise<Instance[]> {
    const { status, body } = await request(this.driver.url, "GET", `/foreign/v1/services/${service}`);
    if (status !== 200) {
      throw new Error(`the look-up answered ${status} ${JSON.stringify(body)}`);
    }
    return body.instances as Instance[];
  }

  awaitUsers(seconds: number, count: number): Promise<Instance[]> {
    return until(
      seconds,
      () => this.instances("users"),
      (found) => found.length === count,
    );
  }

  /** Does something under a steady load through the gateway and through the foreign program; nothing may fail. */
  async underLoad(work: () => Promise<void>): Promise<{ requests: number; failures: string[] }> {
    const rate = { perSecond: 10, most: 5000 };
    const loads = ["/users/", "/foreign/"].map(
      (url) => new SteadyLoad(() => request(this.driver.url, "GET", url), 200, rate),
    );
    try {
      await work();
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
    }
    const results = await Promise.all(loads.map((load) => load.finish()));
    return {
      requests: results.reduce((sum, { requests }) => sum + requests, 0),
      failures: results.flatMap(({ failures }) => failures),
    };
  }

  /** The fewest users that the foreign program's agent knew at any time during the work. */
  async fewestUsers(work: () => Promise<void>): Promise<number> {
    let fewest = Number.POSITIVE_INFINITY;
    let done = false;
    const watching = (async () => {
      while (!done) {
        fewest = Math.min(fewest, (await this.instances("users")).length);
        await pause(200);
      }
    })();
    try {
      await work();
    } finally {
      done = true;
      await watching;
    }
    return fewest;
  }

  /** Makes the foreign program's agent forget what it knows, so that what it tells then is the registry's word. */
  async forget(): Promise<void> {
    await (await this.container("foreign", "agent-forward")).restart();
  }

  /** The instances of users that the registry itself lists, as somebody sees them who comes new. */
  async listedUsers(seconds: number, count: number): Promise<void> {
    await this.forget();
    await until(
      seconds,
      () => this.instances("users").catch(() => []),
      (found) => found.length === count,
    );
  }

  /** Kills the registry's server and deletes all that it stored; it stays stopped. */
  async loseData(image: string): Promise<void> {
    const server = await this.container("registry", "main");
    await server.kill({ signal: "SIGKILL" });
    const helper = await this.driver.docker.createContainer({
      Image: image,
      User: "0:0",
      Entrypoint: ["sh", "-c", "rm -rf /registry-data/* && ls -A /registry-data | wc -l"],
      Cmd: [],
      Tty: true,
      NetworkDisabled: true,
      HostConfig: { VolumesFrom: [server.id] },
    });
    try {
      await helper.start();
      const { StatusCode } = await helper.wait();
      const left = (await helper.logs({ stdout: true })).toString().trim();
      if (StatusCode !== 0 || left !== "0") {
        throw new Error(`the data could not be deleted: ${StatusCode} ${left}`);
      }
    } finally {
      await helper.remove({ force: true });
    }
  }

  /** Takes the registry off the network for as long as the work lasts. */
  async cutOff(work: () => Promise<void>): Promise<void> {
    const sandbox = await this.container("registry", "sandbox");
    const { NetworkSettings } = await sandbox.inspect();
    const [[name]] = Object.entries(NetworkSettings.Networks);
    const network = this.driver.docker.getNetwork(name);
    await network.disconnect({ Container: sandbox.id, Force: true });
    try {
      await work();
    } finally {
      await network.connect({ Container: sandbox.id, EndpointConfig: { Aliases: ["registry"] } });
    }
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
