/** What of the machine itself matters: Node, npm, Pulumi's CLI, the state and its passphrase. */
import { accessSync, constants, readdirSync } from "node:fs";
import path from "node:path";
import type { Context } from "../context";
import { pulumiIsOnPath } from "../engines/search-path";
import { messageOf } from "../errors";
import type { Session } from "../session";
import { type Finding, firstLineOf, problem } from "./finding";

const leastNode = 20;
const npmIsFor = "npm installs the packages; install it with Node";

/** The plugins of the resources that the components use. */
const plugins = ["docker", "kubernetes", "random", "tls"];

export function checkNode(version = process.versions.node): Finding {
  const isOld = Number(version.split(".")[0]) < leastNode;
  return isOld
    ? {
        ...{ level: "problem", told: `Node ${version} is too old` },
        fix: `Install Node ${leastNode} or newer.`,
      }
    : { level: "fine", told: `Node ${version}` };
}

export async function checkNpm({ machine: { environment } }: Context): Promise<Finding> {
  const version = await firstLineOf("npm", ["--version"], environment);
  return version === undefined
    ? { level: "warning", told: "npm is not on the PATH", fix: `${npmIsFor}.` }
    : { level: "fine", told: `npm ${version}` };
}

export async function checkPulumi({ machine }: Context): Promise<Finding[]> {
  const { environment, platform, home } = machine;
  if (!pulumiIsOnPath(environment, platform)) {
    const told = "Pulumi's CLI is not on the PATH; the embedded engine is used";
    return [{ level: "note", told }];
  }
  const version = await firstLineOf("pulumi", ["version"], environment);
  if (version === undefined) {
    const fix = 'Run "pulumi version" to see why, or write --engine embedded.';
    return [{ level: "problem", told: "Pulumi's CLI is on the PATH and does not run", fix }];
  }
  const found = installedPlugins(environment, environment.PULUMI_HOME ?? path.join(home, ".pulumi"));
  const missing = plugins.filter((name) => !found.includes(name));
  const cli: Finding = { level: "fine", told: `Pulumi's CLI ${version}` };
  return missing.length === 0
    ? [cli, { level: "fine", told: `Pulumi's plugins ${plugins.join(", ")}` }]
    : [
        cli,
        {
          level: "note",
          told: `Pulumi's CLI fetches its plugins ${missing.join(", ")} when they are used first`,
        },
      ];
}

function installedPlugins(environment: NodeJS.ProcessEnv, pulumiHome: string): string[] {
  const folders = [...(environment.PATH ?? "").split(path.delimiter), path.join(pulumiHome, "plugins")];
  const names = folders.flatMap(namesIn);
  return plugins.filter((name) =>
    names.some((file) => file.match(/^(?:pulumi-)?resource-([a-z]+)/)?.[1] === name),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder || ".");
  } catch {
    return [];
  }
}

/** Where the state is, and whether what of it is secret can be read. */
export async function checkState(context: Context, session: Session, stack: string): Promise<Finding[]> {
  const { environment } = context.machine;
  try {
    const { backendUrl } = session.location;
    const origin =
      environment.PULUMI_CONFIG_PASSPHRASE !== undefined
        ? "PULUMI_CONFIG_PASSPHRASE"
        : environment.PULUMI_CONFIG_PASSPHRASE_FILE
          ? "PULUMI_CONFIG_PASSPHRASE_FILE"
          : "a file of your own";
    const findings: Finding[] = [
      checkBackend(backendUrl, context),
      { level: "fine", told: `The passphrase comes from ${origin}` },
    ];
    const configuration = await session.configuration();
    const count = Object.keys(configuration.entries()).length;
    return count === 0
      ? [
          ...findings,
          { level: "problem", told: `Pulumi.${stack}.yaml configures nothing`, fix: startFresh(stack) },
        ]
      : [...findings, { level: "fine", told: `Pulumi.${stack}.yaml can be read, with its secrets` }];
  } catch (error) {
    return [problem(error, "Set PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with.")];
  }
}

function startFresh(stack: string): string {
  return `Start from a copy of Pulumi.dev.yaml, or name another stack than ${stack} by --stack.`;
}

function checkBackend(url: string, { machine }: Context): Finding {
  if (!url.startsWith("file://")) {
    const told = `The state is at ${url.replace(/\/\/[^/@]*@/, "//")}`;
    return pulumiIsOnPath(machine.environment, machine.platform)
      ? { level: "fine", told }
      : {
          ...{ level: "problem", told: `${told}, which needs Pulumi's CLI` },
          fix: "Install it, or unset PULUMI_BACKEND_URL.",
        };
  }
  const folder = url.slice("file://".length).replace(/^~(?=\/|$)/, machine.home);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK);
    return { level: "fine", told: `The state is in ${folder}` };
  } catch (error) {
    return problem(
      `The state's folder cannot be used: ${messageOf(error)}`,
      "Make it, or let yourself write to it.",
    );
  }
}
