/** What of a stack's configuration the command line itself needs to know. */
import type { Configuration } from "./context";
import { UserError } from "./errors";

export interface StackSettings {
  /** Where the stack runs, e.g. `"docker"`; undefined when the stack has no configuration. */
  target?: string;
  /** Port of this machine that the stack publishes, 1 to 65535. */
  httpPort: number;
}

export function readStackSettings(configuration: Pick<Configuration, "get">): StackSettings {
  const target = configuration.get("flotilla:target")?.value;
  const settings = parseObject(configuration.get("flotilla:settings")?.value ?? "{}");
  const httpPort = settings.httpPort ?? 8080;
  if (typeof httpPort !== "number" || !Number.isInteger(httpPort) || httpPort < 1 || httpPort > 65535) {
    throw new UserError(
      `flotilla:settings.httpPort must be a whole number from 1 to 65535, got ${JSON.stringify(httpPort)}.`,
    );
  }
  return { target, httpPort };
}

function parseObject(json: string): { httpPort?: unknown } {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value;
    }
  } catch {
    // Told below, as for any other value that is no object.
  }
  throw new UserError(
    `flotilla:settings must be an object, got ${json}. Write for example {httpPort: 8080}.`,
  );
}
