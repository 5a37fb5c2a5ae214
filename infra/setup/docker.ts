/** Sees to it that a Docker daemon answers: the one in use, else one that is started or installed where we may. */
import { daemonAddress, dockerConnection } from "../engine/providers/docker/connection";
import { startDockerd } from "./dockerd";
import { canInstallPackages, findProgram, installPackages, isRoot } from "./host";
import { step } from "./steps.js";

const answerTimeoutMilliseconds = 5000;

/** Debian's packages of the daemon and what it needs and only recommends. */
const dockerPackages = ["docker.io", "iptables", "ca-certificates"];

/** What matters about a machine on which no daemon answers. */
export interface DockerSituation {
  platform: NodeJS.Platform;
  address: string;
  /** Where the address comes from: `"default"`, or what the user has set. */
  source: string;
  isForbidden: boolean;
  isRoot: boolean;
  isInstalled: boolean;
  canInstall: boolean;
}

/** What set-up does about it, or the sentence that says what the user can do. */
export type Remedy = "start" | "install" | { advice: string };

const remedies: {
  applies(situation: DockerSituation): boolean;
  remedy(situation: DockerSituation): Remedy;
}[] = [
  {
    applies: ({ isForbidden }) => isForbidden,
    remedy: ({ address }) => ({
      advice: `Your user may not use Docker at ${address}: add it to the group "docker" and log in again, or run this as root.`,
    }),
  },
  {
    applies: ({ source }) => source !== "default",
    remedy: ({ address, source }) => ({
      advice: `The Docker daemon at ${address} (${source}) does not answer: start it, or choose another one.`,
    }),
  },
  {
    applies: ({ platform }) => platform === "darwin" || platform === "win32",
    remedy: () => ({
      advice: "Docker does not answer: start Docker Desktop (install it first if it is missing).",
    }),
  },
  {
    applies: ({ isInstalled, isRoot }) => isInstalled && isRoot,
    remedy: () => "start",
  },
  {
    applies: ({ isInstalled }) => isInstalled,
    remedy: () => ({
      advice: 'Docker does not run: start it with "sudo systemctl start docker", or run this as root.',
    }),
  },
  {
    applies: ({ canInstall }) => canInstall,
    remedy: () => "install",
  },
  {
    applies: () => true,
    remedy: () => ({
      advice:
        "Docker is not installed: install Docker Engine with your system's package manager and start it.",
    }),
  },
];

/** What to do on a machine where no daemon answers. */
export function remedyFor(situation: DockerSituation): Remedy {
  return remedies.find(({ applies }) => applies(situation))!.remedy(situation);
}

/** Returns once a Docker daemon answers; starts or installs one where root may, else says what to do. */
export async function ensureDocker(): Promise<void> {
  const failure = await failureToAnswer();
  if (failure === undefined) {
    return;
  }
  const remedy = remedyFor(situationAfter(failure));
  if (typeof remedy === "object") {
    throw new Error(remedy.advice);
  }
  if (remedy === "install") {
    await step("Install Docker", (report) => installPackages(dockerPackages, report));
  }
  const answers = async () => (await failureToAnswer()) === undefined;
  if (!(await answers())) {
    await step("Start Docker", () => startDockerd(answers));
  }
}

/** What the user can do where no daemon answers; undefined where one does. Changes nothing. */
export async function adviseOnDocker(): Promise<string | undefined> {
  const failure = await failureToAnswer();
  if (failure === undefined) {
    return undefined;
  }
  const remedy = remedyFor(situationAfter(failure));
  return typeof remedy === "object"
    ? remedy.advice
    : `flotilla up ${remedy === "install" ? "installs and starts" : "starts"} one.`;
}

async function failureToAnswer(): Promise<NodeJS.ErrnoException | undefined> {
  try {
    const docker = dockerConnection();
    // The types of the client do not know that it takes options.
    const ping: (options: { abortSignal: AbortSignal }) => Promise<unknown> = docker.ping.bind(docker);
    await ping({ abortSignal: AbortSignal.timeout(answerTimeoutMilliseconds) });
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function situationAfter(failure: NodeJS.ErrnoException): DockerSituation {
  const { url, source } = daemonAddress({});
  return {
    platform: process.platform,
    address: url,
    source,
    isForbidden: failure.code === "EACCES",
    isRoot: isRoot(),
    isInstalled: findProgram("dockerd") !== undefined,
    canInstall: canInstallPackages(),
  };
}
