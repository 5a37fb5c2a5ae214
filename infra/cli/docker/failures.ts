/** What the containers of a stack say when an `up` failed because of them. */
import { messageOf } from "../errors";
import { placeOf, readLog } from "./logs";
import type { Part, StackOnDocker } from "./stack-on-docker";

const shownLogLines = 15;

/** Unhealthy, restarting, dead, or ended with an error. */
export function isFailing({ state }: Part): boolean {
  return (
    ["unhealthy", "restarting", "dead"].includes(state) ||
    (/^exited \(/.test(state) && state !== "exited (0)")
  );
}

/**
 * A paragraph for each failing container, and for the application beside it, whose log says why the
 * container that waits for it failed: its name, state, last probe and last log lines.
 *
 * @param told what the user has read already; a container that is named there is left out.
 */
export async function describeFailures(stack: StackOnDocker, told: string[]): Promise<string[]> {
  const parts = await stack.parts();
  const isTold = ({ name }: Part) => told.some((text) => text.includes(name));
  const isInTrouble = (part: Part) => isTold(part) || isFailing(part) || part.state === "starting";
  const troubled = new Set(parts.filter(isInTrouble).map(placeOf));
  const shown = parts.filter(
    (part) => !isTold(part) && (isFailing(part) || (part.role === "main" && troubled.has(placeOf(part)))),
  );
  const paragraphs = await Promise.all(shown.map((part) => describeFailure(stack, part)));
  return paragraphs.flat();
}

async function describeFailure({ docker }: StackOnDocker, part: Part): Promise<string[]> {
  const log = await readLog(docker, part, shownLogLines).then(
    (lines) => lines.map(({ text }) => text),
    (error: unknown) => [`(cannot be read: ${messageOf(error)})`],
  );
  return [
    `${placeOf(part)} ${part.role} (container ${part.name}) is ${part.state}`,
    ...(part.probeOutput === undefined
      ? []
      : [`  last probe: ${part.probeOutput.split("\n").join("\n    ")}`]),
    ...(log.length === 0
      ? ["  its log is empty"]
      : ["  last log lines:", ...log.map((line) => `    ${line}`)]),
  ];
}
