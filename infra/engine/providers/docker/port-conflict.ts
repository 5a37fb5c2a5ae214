/** Turns the daemon's complaint about a taken host port into who has it. */
import type Docker from "dockerode";
import { reasonOf } from "./errors";

const TAKEN = /(?:\d+(?:\.\d+){3}|\[[^\]]*\]):(\d+)\b.*already (?:allocated|in use)/;

/** The host port that the daemon's sentence names as taken. */
export function takenPort(reason: string): number | undefined {
  const port = TAKEN.exec(reason)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** An error that names port and holder, or undefined when the failure is another one. */
export async function explainPortConflict(docker: Docker, error: unknown): Promise<Error | undefined> {
  const port = takenPort(reasonOf(error));
  if (port === undefined) return undefined;
  const containers = await docker.listContainers().catch(() => []);
  const holder = containers.find(({ Ports }) => Ports?.some(({ PublicPort }) => PublicPort === port));
  const who = holder
    ? `container ${holder.Names[0].replace(/^\//, "")}`
    : "a process on the daemon's machine";
  return new Error(
    `it could not be started: host port ${port} is taken by ${who}. Stop it, or publish another port.`,
  );
}
