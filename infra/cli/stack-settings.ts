/** What of a stack's configuration the command line itself needs to know. */
import type { HostPort } from "../setup/ports";
import type { Configuration } from "./context";
import { UserError } from "./errors";

export interface StackSettings {
  /** Where the stack runs, e.g. `"docker"`; undefined when the stack has no configuration. */
  target?: string;
  /** Where on this machine the stack will listen. */
  published: HostPort;
}

export function readStackSettings(configuration: Pick<Configuration, "get">): StackSettings {
  const target = configuration.get("flotilla:target")?.value;
  const settings = parseObject(configuration.get("flotilla:settings")?.value ?? "{}");
  const { httpPort = 8080, publishAddress = "127.0.0.1" } = settings;
  if (typeof httpPort !== "number" || !Number.isInteger(httpPort) || httpPort < 1 || httpPort > 65535) {
    throw new UserError(
      `flotilla:settings.httpPort must be a whole number from 1 to 65535, got ${JSON.stringify(httpPort)}.`,
    );
  }
  return { target, published: { host: String(publishAddress), port: httpPort } };
}

function parseObject(json: string): { httpPort?: unknown; publishAddress?: unknown } {
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
