/** Writing inside an object of the configuration, with the path syntax of `pulumi config set --path`. */
import type { Configuration } from "../context";
import { UserError } from "../errors";

type Step = string | number;

/**
 * Sets one value inside the object of a key, and keeps the rest of it.
 *
 * @param path e.g. `flotilla:settings.httpPort`, `flotilla:hosts[0]` or `flotilla:labels["a.b"]`.
 */
export function setAtPath(
  configuration: Pick<Configuration, "get" | "set" | "setWithin">,
  path: string,
  text: string,
): void {
  const [key, ...steps] = parsePath(path);
  if (steps.length === 0) {
    configuration.set(String(key), text, { secret: false });
    return;
  }
  if (configuration.get(String(key))?.secret) {
    throw new UserError(
      `${key} is a secret: its parts cannot be set one by one. Set all of it, with --secret.`,
    );
  }
  configuration.setWithin(String(key), steps, asTyped(text));
}

/** The first step is the key, with its namespace. */
export function parsePath(path: string): Step[] {
  const pattern = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
  const steps: Step[] = [];
  while (pattern.lastIndex < path.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(path);
    if (match === null) {
      throw new UserError(
        `The path ${path} cannot be read from "${path.slice(at)}" on. Write for example a:b.c[0].`,
      );
    }
    const [, name, index, quoted] = match;
    steps.push(index !== undefined ? Number(index) : (name ?? quoted!.replace(/\\(.)/g, "$1")));
  }
  return steps;
}

/** Whole numbers and truth values are taken as such, as Pulumi does inside objects. */
function asTyped(text: string): string | number | boolean {
  if (text === "true" || text === "false") {
    return text === "true";
  }
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
