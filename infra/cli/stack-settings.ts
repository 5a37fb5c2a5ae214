/** What of a stack's configuration the command line itself needs to know. */
import type { Configuration } from "./context";
import { UserError } from "./errors";

export interface StackSettings {
  /** Where the stack runs, e.g. `"docker"`; undefined when the stack has no configuration. */
  target?: string;
  /** The target's own. */
  settings: Record<string, unknown>;
}

export function readStackSettings(configuration: Pick<Configuration, "get">): StackSettings {
  return {
    target: configuration.get("flotilla:target")?.value,
    settings: parseObject(configuration.get("flotilla:settings")?.value ?? "{}"),
  };
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Told below, as for any other value that is no object.
  }
  throw new UserError(
    `flotilla:settings must be an object, got ${json}. Write for example {httpPort: 8080}.`,
  );
}
