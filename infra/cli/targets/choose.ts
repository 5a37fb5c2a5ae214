/** Which container a command means that names a service. */
import { UserError } from "../errors";
import { type Part, placeOf } from "./target";

export interface Wanted {
  service: string;
  /** As `ps` shows it; any when undefined. */
  replica: string | undefined;
  /** Of the stack, for messages. */
  label: string;
  /** Of the target, for messages. */
  place: string;
}

/** The main container of a running replica, a healthy one where nothing else is asked for. */
export function chooseMain(parts: Part[], { service, replica, label, place }: Wanted): Part {
  const mains = parts.filter(({ role }) => role === "main");
  const replicas = mains.filter(({ workload }) => workload === service);
  if (replicas.length === 0) {
    throw new UserError(nothingThere(mains, { service, label, place }));
  }
  const asked = replicas.filter((part) => (replica ?? part.replica) === part.replica);
  if (asked.length === 0) {
    const names = replicas.map((part) => part.replica).join(", ");
    throw new UserError(`${service} has no replica "${replica}" on ${place}. It has ${names}.`);
  }
  const chosen =
    asked.find(({ condition }) => condition === "fine") ?? asked.find(({ startedAt }) => startedAt);
  if (chosen === undefined) {
    throw new UserError(`${placeOf(asked[0]!)} does not run: it is ${asked[0]!.state}.`);
  }
  return chosen;
}

/** Why a service is not found. */
export function nothingThere(
  mains: Part[],
  { service, label, place }: Pick<Wanted, "label" | "place"> & { service: string | undefined },
): string {
  const names = [...new Set(mains.map(({ workload }) => workload))];
  return names.length === 0
    ? `Nothing of ${label} is on ${place}.`
    : `${label} has no service "${service}" on ${place}. It has ${names.join(", ")}.`;
}

/** What to tell where a command cannot be started, which most often is for want of a shell. */
export function noSuchProgram(program: string, why: string): string {
  return `"${program}" cannot be run there: ${why}. Many images have no shell; name a program that the image has.`;
}
