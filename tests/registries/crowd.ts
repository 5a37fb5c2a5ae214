/** Two hundred instances that join a service at once. */
import type Docker from "dockerode";
import { Limit } from "../../infra/engine/providers/docker/limit";
import { pause, type Stage } from "./stage";

/** What the agents of a crowd use, in sum. */
export interface Usage {
  memoryMiB: number;
  cpuMillicores: number;
}

export interface Crowd {
  /** Measured over five seconds. */
  usage(): Promise<Usage>;
  leave(): Promise<void>;
}

/** Finds what a run that was cut off has left. */
const LABELS = { "flotilla.tests": "crowd" };

/** Starts as many agents as processes of one container, each for a port of its own. */
const spawner = `
const { spawn } = require("node:child_process");
const { createServer } = require("node:net");
const agents = [];
for (let index = 0; index < Number(process.env.COUNT); index++) {
  createServer((socket) => socket.end()).listen(20000 + index);
  const own = ["--port", "http=" + (20000 + index) + "/tcp", "--ready-listen", "127.0.0.1:0", "--drain", "0s"];
  agents.push(spawn("/.flotilla/agent", ["register", "--service", "crowd", ...own, ...JSON.parse(process.env.REGISTRY)]));
}
process.on("SIGTERM", () => agents.forEach((agent) => agent.kill("SIGTERM")));
`;

/** Agents in the network of the crowd's first replica: one address, a port each. */
export async function processCrowd(stage: Stage, count: number, nodeImage: string): Promise<Crowd> {
  const sandbox = await stage.container("crowd", "sandbox");
  const agent = await stage.container("crowd", "agent-register");
  const command = (await agent.inspect()).Config.Cmd;
  const container = await stage.driver.docker.createContainer({
    Image: nodeImage,
    Entrypoint: ["node", "-e", spawner],
    Labels: LABELS,
    Cmd: [],
    User: "65532:65532",
    Env: [
      `COUNT=${count}`,
      `REGISTRY=${JSON.stringify(command.slice(command.indexOf("--registry")))}`,
      "GOMEMLIMIT=51MiB",
      "GOMAXPROCS=2",
    ],
    // So many programs that start at once leave the others time to answer their probes.
    HostConfig: { NetworkMode: `container:${sandbox.id}`, VolumesFrom: [`${agent.id}:ro`], CpuShares: 64 },
  });
  await container.start();
  return crowdOf([container]);
}

/** Agents in containers of their own: found by the network's own names, each needs an address. */
export async function containerCrowd(stage: Stage, count: number): Promise<Crowd> {
  const { docker } = stage.driver;
  const sandbox = await (await stage.container("crowd", "sandbox")).inspect();
  const [network] = Object.keys(sandbox.NetworkSettings.Networks);
  const few = new Limit(8);
  const command = ["--service", "crowd", "--port", "http=15000/tcp", "--registry", "native", "--drain", "0s"];
  const containers = await Promise.all(
    Array.from({ length: count }, () =>
      few.run(async () => {
        const container = await docker.createContainer({
          Image: sandbox.Config.Image,
          Entrypoint: ["/agent", "register"],
          Cmd: command,
          Env: ["GOMEMLIMIT=51MiB"],
          Labels: LABELS,
          HostConfig: { NetworkMode: network, CpuShares: 2 },
          NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ["crowd"] } } },
        });
        await container.start();
        return container;
      }),
    ),
  );
  return crowdOf(containers);
}

function crowdOf(containers: Docker.Container[]): Crowd {
  const few = new Limit(8);
  const all = <T>(use: (container: Docker.Container) => Promise<T>): Promise<T[]> =>
    Promise.all(containers.map((container) => few.run(() => use(container))));
  // Of many containers some stand for all, as asking takes the daemon long.
  const sample = containers.slice(0, 10);
  const measure = () => Promise.all(sample.map((one) => one.stats({ stream: false, "one-shot": true })));
  return {
    async usage() {
      const [before, begin] = [await measure(), Date.now()];
      await pause(5000);
      const [after, elapsed] = [await measure(), Date.now() - begin];
      const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
      const share = containers.length / sample.length;
      const { memory, cpu } = {
        memory: sum(after.map(({ memory_stats }) => ownMemory(memory_stats.stats))),
        cpu: sum(
          after.map(
            ({ cpu_stats }, index) =>
              cpu_stats.cpu_usage.total_usage - before[index].cpu_stats.cpu_usage.total_usage,
          ),
        ),
      };
      return { memoryMiB: (memory * share) / 2 ** 20, cpuMillicores: (cpu * share) / 1000 / elapsed };
    },
    async leave() {
      await all((container) => container.remove({ force: true }));
    },
  };
}

/** Bytes that belong to a container's processes, in the words of either generation of control groups. */
function ownMemory(stats: { total_rss?: number; anon?: number }): number {
  return stats.total_rss ?? stats.anon ?? 0;
}
