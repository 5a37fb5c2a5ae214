/** What the containers of a stack say when an `up` failed because of them. */
import { messageOf } from "../errors";
import { type Part, placeOf, type StackOnTarget } from "./target";

const shownLogLines = 15;

/**
 * A paragraph for each failing container, and for the application beside it, whose log says why the
 * container that waits for it failed: its name, state, last probe and last log lines.
 *
 * @param told what the user has read already; a container that is named there is left out.
 */
export async function describeFailures(stack: StackOnTarget, told: string[]): Promise<string[]> {
  const parts = await stack.parts();
  const isTold = ({ name }: Part) => told.some((text) => text.includes(name));
  const isFailing = ({ condition }: Part) => condition === "failing";
  const isInTrouble = (part: Part) => isTold(part) || isFailing(part) || part.condition === "starting";
  const troubled = new Set(parts.filter(isInTrouble).map(placeOf));
  const shown = parts.filter(
    (part) => !isTold(part) && (isFailing(part) || (part.role === "main" && troubled.has(placeOf(part)))),
  );
  const paragraphs = await Promise.all(shown.map((part) => describeFailure(stack, part)));
  return paragraphs.flat();
}

async function describeFailure(stack: StackOnTarget, part: Part): Promise<string[]> {
  const log = await stack.readLog(part, shownLogLines).then(
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
