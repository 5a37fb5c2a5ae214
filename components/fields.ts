/** Checks of single values, shared by every component; each records a {@link Problems} entry with its fix. */
import { closest, distance } from "fastest-levenshtein";
import type { Problems } from "./problems";

const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** Longest name that fits every target, with the suffixes that the platforms add (DNS labels hold 63). */
export const MAX_NAME_LENGTH = 40;

/** Where the agent's binary is found in every container, so that probes need nothing of the image. */
export const AGENT_FOLDER = "/.flotilla";

/** Ports of a replica that belong to the agent. */
export const AGENT_PORTS = { first: 15000, last: 15099 };

/** A workload, port or volume name: lower-case letters, digits and dashes, as DNS wants it. */
export function checkName(problems: Problems, path: string, value: string): void {
  if (!NAME.test(value)) {
    const fix =
      value
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .replace(/^[^a-z]+|-+$/g, "") || "users";
    problems.add(
      path,
      "must be lower-case letters, digits and dashes, starting with a letter",
      value,
      `Write "${fix}".`,
    );
  } else if (value.length > MAX_NAME_LENGTH) {
    problems.add(path, `must have at most ${MAX_NAME_LENGTH} characters`, value, "Shorten it.");
  }
}

/** A whole number within a range, both ends included. */
export function checkWhole(
  problems: Problems,
  path: string,
  value: number | undefined,
  range: { min: number; max: number; unit: string },
): void {
  if (value === undefined) {
    return;
  }
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    const nearest = Math.min(range.max, Math.max(range.min, Math.round(value) || range.min));
    const unit = range.unit === "" ? "" : ` ${range.unit}`;
    problems.add(
      path,
      `must be a whole number from ${range.min} to ${range.max}${unit}`,
      value,
      `Write ${nearest}.`,
    );
  }
}

export function checkPort(problems: Problems, path: string, value: number): void {
  checkWhole(problems, path, value, { min: 1, max: 65535, unit: "" });
  if (value >= AGENT_PORTS.first && value <= AGENT_PORTS.last) {
    const reserved = `${AGENT_PORTS.first} to ${AGENT_PORTS.last}`;
    problems.add(path, `must not be one of the agent's ports (${reserved})`, value, "Write 8080.");
  }
}

/** An absolute path of a file in a container, inside a folder of its own. */
export function checkFilePath(problems: Problems, path: string, value: string): void {
  if (!isPlainPath(value)) {
    problems.add(path, "must be an absolute path of a file", value, 'Write one like "/etc/app/config.yaml".');
  } else if (value.lastIndexOf("/") === 0) {
    problems.add(path, "must lie in a folder", value, `Write "/etc${value}".`);
  }
}

/** An absolute path of a folder in a container, other than the root. */
export function checkFolderPath(problems: Problems, path: string, value: string): void {
  if (!isPlainPath(value)) {
    problems.add(path, 'must be an absolute path other than "/"', value, 'Write one like "/var/lib/app".');
  }
}

/** Starts with "/", ends without, and has no empty, "." or ".." part: one place has one spelling. */
function isPlainPath(value: string): boolean {
  const [root, ...parts] = value.split("/");
  return root === "" && parts.length > 0 && parts.every((part) => !["", ".", ".."].includes(part));
}

/** A ready-made image: named with a version, so that two runs mean the same thing. */
export function checkImageReference(problems: Problems, path: string, value: string): void {
  const [repository, digest] = value.split("@");
  const tag = /:([^/:]+)$/.exec(repository)?.[1];
  if (digest === undefined && (tag === undefined || tag === "latest")) {
    const bare = tag === undefined ? repository : repository.slice(0, -":latest".length);
    problems.add(
      path,
      "must name a version",
      value,
      `Write "${bare}:<version>" or "${bare}@sha256:<digest>".`,
    );
  }
}

/** Names, or other values, that must differ from each other, with the place of each. */
export function checkUnique(
  problems: Problems,
  names: { path: string; value: string | number }[],
  fix = "Give it another name.",
): void {
  const seen = new Set<string | number>();
  for (const { path, value } of names) {
    if (seen.has(value)) {
      problems.add(path, "must not repeat an earlier one", value, fix);
    }
    seen.add(value);
  }
}

/** Tells which of the known names to write: the one that was probably meant, else all of them. */
export function oneOf(
  got: string,
  known: readonly string[],
  written: (name: string) => string = (name) => JSON.stringify(name),
): string {
  const nearest = nearestOf(got, known);
  return nearest === undefined ? `Known are ${known.join(", ") || "none"}.` : `Write ${written(nearest)}.`;
}

/** The known name that differs from a mistyped one in three letters and half of it at most, or that it begins. */
export function nearestOf(got: string, known: readonly string[]): string | undefined {
  const [typed, names] = [got.toLowerCase(), known.map((name) => name.toLowerCase())];
  const begun = typed.length < 3 ? [] : known.filter((_, index) => names[index].startsWith(typed));
  if (begun.length === 1 || known.length === 0) {
    return begun[0];
  }
  const nearest = closest(typed, names);
  return distance(typed, nearest) <= Math.min(3, nearest.length / 2)
    ? known[names.indexOf(nearest)]
    : undefined;
}
