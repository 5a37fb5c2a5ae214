/** What of a Docker daemon matters. */
import { statfsSync } from "node:fs";
import type { Context } from "../context";
import { type Finding, problem } from "./finding";

const gibibyte = 2 ** 30;
/** The shop's images and stand-ins together take about 2 GiB. */
const scarceGiB = 5;
const leastGiB = 1;
/** The oldest Engine that the tests run on. */
const leastEngine = 20;

export async function checkDocker(context: Context): Promise<Finding[]> {
  const advice = await context.setup.adviseOnDocker();
  if (advice !== undefined) {
    return [{ level: "problem", told: "No Docker daemon answers", fix: advice }];
  }
  const docker = await context.docker();
  const info: DaemonInfo = await docker.info();
  const { ServerVersion, CgroupVersion = "1", Driver, DockerRootDir } = info;
  const daemon = `Docker ${ServerVersion} at ${context.daemonUrl()}, with ${Driver} and cgroup v${CgroupVersion}`;
  const isOld = Number(ServerVersion.split(".")[0]) < leastEngine;
  return [
    isOld
      ? { level: "warning", told: `${daemon} is old`, fix: `Update it to ${leastEngine}.10 or newer.` }
      : { level: "fine", told: daemon },
    ...checkLimits(info),
    ...checkSpace(DockerRootDir),
    await checkImages(context),
  ];
}

export interface DaemonInfo {
  ServerVersion: string;
  CgroupVersion?: string;
  Driver: string;
  DockerRootDir: string;
  MemoryLimit?: boolean;
  CpuCfsQuota?: boolean;
}

/** Rootless daemons often cannot limit anything. */
function checkLimits({ MemoryLimit = true, CpuCfsQuota = true }: DaemonInfo): Finding[] {
  const missing = [...(MemoryLimit ? [] : ["memory"]), ...(CpuCfsQuota ? [] : ["CPU"])];
  return missing.length === 0
    ? []
    : [
        {
          ...{ level: "warning", told: `The daemon cannot limit ${missing.join(" and ")}` },
          fix: "Delegate the cgroup controllers to it, or run it as root.",
        },
      ];
}

/** Of a daemon on this machine; another one's folders are not here. */
function checkSpace(folder: string): Finding[] {
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(folder);
    free = (bavail * bsize) / gibibyte;
  } catch {
    return [];
  }
  const told = `${free.toFixed(1)} GiB are free for Docker in ${folder}`;
  const fix = 'Make room, for example by "docker system prune".';
  return free < leastGiB
    ? [{ level: "problem", told, fix }]
    : free < scarceGiB
      ? [{ level: "warning", told, fix }]
      : [{ level: "fine", told }];
}

async function checkImages({ setup }: Context): Promise<Finding> {
  try {
    const { origin, registryAnswers } = await setup.imageSource();
    if (origin === "stand-in" || (origin === undefined && !registryAnswers)) {
      const ready =
        origin === undefined ? "up builds stand-ins for third-party images" : "stand-ins for them are used";
      const told = `${registryAnswers ? "An image registry answers, but was not reached before" : "No image registry can be reached"}; ${ready}`;
      return registryAnswers
        ? { level: "note", told, fix: "npx flotilla clean takes them away, and the next up decides again." }
        : { level: "note", told };
    }
    return registryAnswers
      ? { level: "fine", told: "An image registry answers" }
      : {
          ...{ level: "warning", told: "No image registry can be reached, and images came from one before" },
          fix: "What is not here already cannot be pulled. Mend the network, or run npx flotilla clean to have stand-ins built.",
        };
  } catch (error) {
    return problem(error, "Look at what the daemon says of its images.");
  }
}
